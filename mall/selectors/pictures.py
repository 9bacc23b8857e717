"""Where product pictures are: one query for the covers of any number of products."""

from collections.abc import Iterable

from django.contrib.postgres.expressions import ArraySubquery
from django.core.files.storage import default_storage
from django.db.models import OuterRef, QuerySet, Subquery

from mall.models import ProductImage


def url_of(name: str) -> str:
    """Address of a stored picture; empty for none, and pages show the shop's placeholder."""
    return default_storage.url(name) if name else ""


def cover_of(product_ref: str) -> Subquery:
    """Subquery for the stored name of the first picture of the outer row's product."""
    first = ProductImage.objects.filter(product=OuterRef(product_ref)).order_by("position", "pk")
    return Subquery(first.values("image")[:1])


def pictures_of_product() -> ArraySubquery:
    """Subquery for the stored names of all pictures of a product, in order."""
    pictures = ProductImage.objects.filter(product=OuterRef("pk")).order_by("position", "pk")
    return ArraySubquery(pictures.values("image"))


def covers(product_ids: Iterable[int]) -> dict[int, str]:
    """Stored names of the covers, by product."""
    rows: QuerySet[ProductImage, tuple[int, str]] = (
        ProductImage.objects.filter(product__in=list(product_ids))
        .order_by("product", "position", "pk")
        .distinct("product")
        .values_list("product_id", "image")
    )
    return dict(rows)
