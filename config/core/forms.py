"""Form fields that speak yuan and store cents."""

from decimal import Decimal
from typing import Any

from django import forms

from config.core.money import cents_from_yuan


class YuanField(forms.DecimalField):
    """Shows cents as yuan with two decimals; cleans to integer cents, or None when empty and not required."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("min_value", Decimal(0))
        options.setdefault("max_digits", 12)
        super().__init__(decimal_places=2, **options)

    def prepare_value(self, value: Any) -> Any:
        return Decimal(value).scaleb(-2) if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        amount = super().clean(value)
        return None if amount is None else cents_from_yuan(amount)

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.clean(data) != initial)
        except forms.ValidationError:
            return True
