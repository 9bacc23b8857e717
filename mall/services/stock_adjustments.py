"""Staff count stock: pieces that came in or went out, beside what members are buying."""

from django.db.models import F

from config.core.db import transaction_required
from config.core.errors import DomainError
from mall.models import Stock, Store


class StockTooLow(DomainError):
    """More was to be taken out than is there."""

    code = "stock_too_low"
    message = "可售库存只有 {available} 件，不能减少 {requested} 件"
    field = "change"


@transaction_required
def adjust_stock(*, sku_id: int, store_id: int | None, change: int) -> None:
    """Add `change` pieces (negative: take out) at a store, the default one when None. Raises StockTooLow."""
    store = store_id or Store.objects.get(is_default=True).pk
    Stock.objects.get_or_create(sku_id=sku_id, store_id=store)
    rows = Stock.objects.filter(sku_id=sku_id, store_id=store, available__gte=max(0, -change))
    if not rows.update(available=F("available") + change):
        available = Stock.objects.get(sku_id=sku_id, store_id=store).available
        raise StockTooLow(available=available, requested=-change)
