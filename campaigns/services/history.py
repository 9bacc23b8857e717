"""What a till's imported history earns: purchases set-based, returns one by one as the shop itself would."""

from collections.abc import Sequence
from datetime import datetime

from campaigns.models import Campaign
from campaigns.presets import BASE, PRESETS
from campaigns.services import bulk, clawback
from campaigns.services.bulk import OrderFact
from campaigns.services.presets import install_presets
from config.core.db import transaction_required
from mall.selectors.judgement import OrderFacts, judgements
from mall.selectors.refunds import refund_moments

_CODES = {
    "base": [BASE],
    "presets": [code for code, preset in PRESETS.items() if preset["trigger"] == Campaign.Trigger.ORDER_COMPLETED],
}


@transaction_required
def give_for_history(*, order_ids: Sequence[int], refund_ids: Sequence[int], campaigns: str, at: datetime) -> None:
    """Give what these completed orders earn as if `campaigns` ("base" or "presets") had always been live.

    Refunds then take back their part, oldest first. Nothing is given or taken twice.
    """
    codes = _CODES[campaigns]
    if not Campaign.objects.filter(code__in=codes).exists():
        install_presets(at=at, codes=codes)
    facts = [_fact(order) for order in judgements(order_ids=order_ids).values() if order.member_id]
    bulk.grant_orders(facts=facts, codes=codes, as_if_live=True, cause="import")
    for moment in refund_moments(refund_ids=refund_ids):
        clawback.take_back_for_refund(order_id=moment.order_id, refund_id=moment.refund_id, at=moment.at)


def _fact(order: OrderFacts) -> OrderFact:
    assert order.member_id is not None and order.paid_at is not None and order.completed_at is not None  # noqa: S101
    return OrderFact(
        order_id=order.order_id,
        member_id=order.member_id,
        base_cents=order.earn_base_cents,
        paid_at=order.paid_at,
        completed_at=order.completed_at,
        channel=order.channel,
        tier_code=order.tier_code or "",
        tier_name=order.tier_name,
        points_multiplier=order.points_multiplier,
    )
