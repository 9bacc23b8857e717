"""Filters of the product list."""

import django_filters
from django.db.models import QuerySet

from mall.models import Product
from mall.selectors import catalogue

_LONGEST_SEARCH = 40


class ProductFilters(django_filters.FilterSet):
    """By category, by words in the name, by whether points redeem it."""

    category = django_filters.CharFilter(
        field_name="category__slug",
        help_text="分类代码",
        max_length=50,
        error_messages={"max_length": "没有这个分类"},
    )
    search = django_filters.CharFilter(
        method="named",
        help_text="名称包含的词，空格分隔",
        max_length=_LONGEST_SEARCH,
        error_messages={"max_length": f"搜索词最多 {_LONGEST_SEARCH} 个字"},
    )
    redeemable = django_filters.BooleanFilter(field_name="is_redeemable", help_text="能否用积分兑换")

    class Meta:
        model = Product
        fields = ()

    def named(self, products: QuerySet[Product], name: str, text: str) -> QuerySet[Product]:
        """Those whose name holds every word."""
        return catalogue.matching(products=products, text=text)
