"""Staff count stock: pieces that came in or went out, beside what members are buying."""

from datetime import datetime

from django.db.models import F

from config.core.db import transaction_required
from config.core.errors import DomainError
from config.outbox.services import answers
from mall.models import Stock, Store

_SCOPE = "stock-adjustment"


class StockTooLow(DomainError):
    """More was to be taken out than is there."""

    code = "stock_too_low"
    message = "可售库存只有 {available} 件，不能减少 {requested} 件"
    field = "change"


@transaction_required
def adjust_stock(*, sku_id: int, store_id: int | None, change: int, at: datetime, key: str = "") -> int:
    """Add `change` pieces (negative: take out) at a store, the default one when None; what can be sold then.

    The same key again changes nothing. Raises StockTooLow, and IdempotencyKeyReused for another change by that key.
    """
    store = store_id or Store.objects.get(is_default=True).pk
    if key and answers.claim(scope=_SCOPE, key=key, fingerprint=f"{sku_id}:{store}:{change}", at=at):
        return _available(sku_id, store)
    Stock.objects.get_or_create(sku_id=sku_id, store_id=store)
    rows = Stock.objects.filter(sku_id=sku_id, store_id=store, available__gte=max(0, -change))
    if not rows.update(available=F("available") + change):
        raise StockTooLow(available=_available(sku_id, store), requested=-change)
    if key:
        answers.keep(scope=_SCOPE, key=key, answer=answers.Answer(200, None))
    return _available(sku_id, store)


def _available(sku_id: int, store_id: int) -> int:
    return Stock.objects.values_list("available", flat=True).get(sku_id=sku_id, store_id=store_id)
