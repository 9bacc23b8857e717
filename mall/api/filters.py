"""Filters of the product list."""

from typing import Any, ClassVar

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from mall.models import Product
from mall.selectors import catalogue

_LONGEST_SEARCH = 40
_YES_NO = {"true": True, "false": False, "": None, None: None}


class YesNoField(forms.NullBooleanField):
    """`true` or `false`, and nothing else that could be taken for either."""

    widget = forms.TextInput
    default_error_messages: ClassVar = {"invalid": "请写成 true 或 false"}

    def to_python(self, value: Any) -> bool | None:  # type: ignore[override]  # as NullBooleanField does, untold
        if value not in _YES_NO:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return _YES_NO[value]


class YesNoFilter(django_filters.BooleanFilter):
    """By a yes or no; left out, by neither."""

    field_class = YesNoField

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.TextInput, **options)


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
    redeemable = YesNoFilter(field_name="is_redeemable", help_text="能否用积分兑换")

    class Meta:
        model = Product
        fields = ()

    def named(self, products: QuerySet[Product], name: str, text: str) -> QuerySet[Product]:
        """Those whose name holds every word."""
        return catalogue.matching(products=products, text=text)
