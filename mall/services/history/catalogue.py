"""Products and members that a history names."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Q, Subquery, Sum

from config.core.db import transaction_required
from mall.models import Category, OrderLine, Product, Sku
from mall.rules.history.calendar import shanghai
from mall.rules.history.rows import History
from members.services import imports

_BATCH = 2000


@dataclass(frozen=True, slots=True)
class KnownSku:
    """What an order line needs to know of a SKU."""

    id: int
    name: str
    label: str = ""
    image: str = ""


@transaction_required
def create_products(*, history: History, source: str) -> dict[str, KnownSku]:
    """SKUs by the till's code, created at their last price for codes that don't exist yet.

    They are not put on sale: what a till once sold is history, not an offer.
    """
    category, prices = _category(), _last_prices(history)
    known = set(Product.objects.filter(source=source).values_list("external_ref", flat=True))
    fresh = [
        Product(category=category, name=name[:120], source=source, external_ref=code)
        for code, name in sorted(history.names.items())
        if code not in known
    ]
    products = Product.objects.bulk_create(fresh, batch_size=_BATCH)
    Sku.objects.bulk_create(
        [
            Sku(product=product, code=f"{source}:{product.external_ref}", price_cents=prices[product.external_ref])
            for product in products
        ],
        batch_size=_BATCH,
    )
    rows = Sku.objects.filter(product__source=source).values_list("product__external_ref", "pk", "product__name")
    return {code: KnownSku(pk, name) for code, pk, name in rows}


def _category() -> Category:
    found = Category.objects.filter(Q(slug="imported") | Q(name="历史商品")).order_by("pk").first()
    return found or Category.objects.create(slug="imported", name="历史商品", position=999, is_visible=False)


def _last_prices(history: History) -> dict[str, int]:
    """The last unit price in cents of every code; what was never bought has its last refund's."""
    notes_first = sorted(history.invoices, key=lambda invoice: not invoice.is_return)
    return {line.code: line.unit_cents for invoice in notes_first for line in invoice.lines}


@transaction_required
def create_members(*, history: History, source: str, weeks: int, at: datetime) -> dict[str, int]:
    """Member ids by the till's customer number, registered when first seen."""
    rows = (
        imports.ImportedMember(source=source, external_ref=ref, registered_at=shanghai(first, weeks=weeks))
        for ref, first in sorted(history.customers.items())
    )
    return imports.create_members(rows=rows, at=at)


@transaction_required
def count_sold(*, source: str) -> None:
    """Set every imported product's sold count to what its order lines say."""
    sold = OrderLine.objects.filter(sku__product=OuterRef("pk")).order_by().values("sku__product")
    counted = Subquery(sold.annotate(total=Sum("quantity")).values("total"))
    Product.objects.filter(source=source, skus__in=OrderLine.objects.values("sku")).update(sold_count=counted)
