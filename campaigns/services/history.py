"""What a till's imported history earns."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from campaigns.models import Campaign
from campaigns.presets import BASE, PRESETS
from campaigns.services import bulk
from campaigns.services.bulk import OrderFact
from campaigns.services.bulk_clawback import take_back_for_refunds
from campaigns.services.presets import install_presets
from config.core.db import transaction_required
from mall.selectors.history import ImportedPurchase, imported_purchases
from mall.selectors.refunds import refund_moments

_CODES = {
    BASE: [BASE],
    "presets": [code for code, preset in PRESETS.items() if preset["trigger"] == Campaign.Trigger.ORDER_COMPLETED],
}


@transaction_required
def give_for_history(*, order_ids: Sequence[int], refund_ids: Sequence[int], campaigns: str, at: datetime) -> None:
    """Give what these completed orders earn as if `campaigns` ("base" or "presets") had always been live.

    "base" is the base rule alone, so tiers multiply nothing. Refunds then take back their part. Nothing is given or
    taken twice.
    """
    codes = _CODES[campaigns]
    if not Campaign.objects.filter(code__in=codes).exists():
        install_presets(at=at, codes=codes)
    facts = [_fact(purchase, by_base=campaigns == BASE) for purchase in imported_purchases(order_ids=order_ids)]
    bulk.grant_orders(facts=facts, codes=codes, as_if_live=True, cause="import")
    take_back_for_refunds(refunds=refund_moments(refund_ids=refund_ids), cause="import")


def _fact(purchase: ImportedPurchase, *, by_base: bool) -> OrderFact:
    return OrderFact(
        order_id=purchase.order_id,
        member_id=purchase.member_id,
        base_cents=purchase.base_cents,
        paid_at=purchase.at,
        completed_at=purchase.at,
        channel=purchase.channel,
        tier_code=purchase.tier_code,
        tier_name=purchase.tier_name,
        points_multiplier=Decimal(1) if by_base else purchase.points_multiplier,
    )
