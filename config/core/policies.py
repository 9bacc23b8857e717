"""Policies: what the shop has decided, each with its default. docs/policies.md lists them in words.

The only door to these values: `policies.current()`. They come from settings.POLICIES, which the environment fills
(`POLICY_FREIGHT_CENTS=600`); tests override them with `override_settings(POLICIES={...})`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, Final

from django.conf import settings

_CHOICES: Final = {"clawback_past_zero": ("arrears", "forgive"), "points_rounding": ("down", "half_up", "up")}
_CENTURY: Final = 1200  # months
_YEAR: Final = 365 * 24 * 60  # minutes
# the least and the most that arithmetic and calendars bear
_BOUNDS: Final[Mapping[str, tuple[int, int]]] = {
    "points_expiry_months": (0, _CENTURY),
    "restore_grace_days": (0, 3650),
    "points_per_yuan": (1, 1_000_000),
    "points_deduction_max_percent": (0, 100),
    "points_deduction_step": (1, 1_000_000),
    "unpaid_order_minutes": (1, _YEAR),
    "completed_after_received_days": (0, 365),
    "growth_window_months": (0, _CENTURY),
    "login_code_seconds": (1, 86_400),
    "login_code_tries": (1, 100),
    "outbox_keep_days": (0, 3650),
    "max_order_quantity": (1, 1_000_000),
}


@dataclass(frozen=True, kw_only=True)
class Policies:
    """All policies in force. Units: points, cents, minutes, days; rates are Decimal."""

    points_expiry_months: int = 12  # lots lapse at the end of the month this many months after earning; 0: never
    restore_grace_days: int = 7  # points given back after their lot lapsed live this long; 0: they lapse
    clawback_past_zero: str = "arrears"  # "arrears": owed and repaid first; "forgive": recorded and dropped
    points_rounding: str = "down"  # "down", "half_up", "up": once per occurrence, at the end
    points_per_yuan: int = 100  # 100 points pay one yuan
    points_deduction_max_percent: int = 50  # share of the goods amount that points may pay
    points_deduction_step: int = 100  # points are spent in these steps at checkout
    freight_cents: int = 800
    free_freight_from_cents: int = 9900  # goods amount after discounts
    unpaid_order_minutes: int = 30
    completed_after_received_days: int = 0  # 0: completed at once when received
    growth_window_months: int = 12  # growth earned within the last n months decides the tier; 0: lifetime
    login_code_seconds: int = 300
    login_code_tries: int = 5
    login_codes_per_phone_day: int = 10
    login_codes_per_address_hour: int = 30
    login_code_interval_seconds: int = 60
    max_addresses: int = 20
    birthday_may_change: bool = False  # once set, by the member; staff may always
    outbox_keep_days: int = 30
    max_order_quantity: int = 99

    def __post_init__(self) -> None:
        for name, (least, most) in _BOUNDS.items():
            if not least <= getattr(self, name) <= most:
                raise ValueError(f"policy {name} lies between {least} and {most}")
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise ValueError(f"policy {name} is one of {', '.join(choices)}")
        if self.points_deduction_step * 100 < self.points_per_yuan:
            raise ValueError("policy points_deduction_step is worth less than a cent")

    @property
    def cents_per_point(self) -> Decimal:
        """What one point is worth in cents when it pays."""
        return Decimal(100) / self.points_per_yuan


def current() -> Policies:
    """The policies in force now. Raises TypeError for a name that is no policy, ValueError for what can't be decided."""
    values: dict[str, Any] = getattr(settings, "POLICIES", {})
    return Policies(**values)


def names() -> list[str]:
    """All policy names, in the order of their definition."""
    return [field.name for field in fields(Policies)]


def from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """Values of the POLICY_<NAME> variables. Raises ValueError for a name that is no policy and for a bad value."""
    read: dict[str, Any] = {}
    kinds = {field.name: type(field.default) for field in fields(Policies)}
    for variable, text in environment.items():
        if not variable.startswith("POLICY_"):
            continue
        name = variable.removeprefix("POLICY_").lower()
        if name not in kinds:
            raise ValueError(f"{variable} is no policy")
        read[name] = _read(variable, text, kinds[name])
    Policies(**read)
    return read


def _read(variable: str, text: str, kind: type) -> Any:
    if kind is bool:
        if text.lower() not in {"true", "false"}:
            raise ValueError(f"{variable} is true or false")
        return text.lower() == "true"
    if kind is int and not text.isdecimal():
        raise ValueError(f"{variable} is a whole number, not {text!r}")
    return kind(text)
