from decimal import Decimal
from typing import Any

import pytest

from config.core import policies


def test_policies_have_defaults_and_settings_override_them(settings: Any):
    settings.POLICIES = {"points_per_yuan": 50}
    assert policies.current().points_per_yuan == 50
    assert policies.current().cents_per_point == Decimal(2)
    assert policies.current().outbox_keep_days == 30


def test_a_name_that_is_no_policy_is_refused(settings: Any):
    settings.POLICIES = {"points_per_dollar": 1}
    with pytest.raises(TypeError, match="points_per_dollar"):
        policies.current()


def test_every_policy_can_be_named():
    assert "outbox_keep_days" in policies.names()


def test_the_environment_sets_policies_and_is_told_what_it_got_wrong() -> None:
    given = {"POLICY_FREIGHT_CENTS": "600", "POLICY_BIRTHDAY_MAY_CHANGE": "true", "HOME": "/root"}
    assert policies.from_environment(given) == {"freight_cents": 600, "birthday_may_change": True}
    for variable, text in [("POLICY_FRIEGHT", "1"), ("POLICY_FREIGHT_CENTS", "-1"), ("POLICY_FREIGHT_CENTS", "8 yuan")]:
        with pytest.raises(ValueError, match=variable):
            policies.from_environment({variable: text})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("points_deduction_step", 0),
        ("points_per_yuan", 0),
        ("points_deduction_max_percent", 101),
        ("points_expiry_months", 100_000),
        ("growth_window_months", 100_000),
        ("max_order_quantity", 0),
        ("points_rounding", "halfup"),
        ("clawback_past_zero", "forgiven"),
        ("points_per_yuan", 10_001),  # a step of 100 points would pay nothing
    ],
)
def test_what_checkout_or_giving_could_not_compute_with_is_refused_at_the_start(name: str, value: int | str) -> None:
    with pytest.raises(ValueError, match=r"points_deduction_step|" + name):
        policies.from_environment({f"POLICY_{name.upper()}": str(value)})
