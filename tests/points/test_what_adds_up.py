"""The arithmetic that the constraints leave to functions: each kind of entry, and closed accounts."""

import pytest
from django.db import connection

from points.models import Kind

ADDS_UP: dict[str, dict[str, int]] = {
    **{kind: {"points": 1} for kind in ("earn", "spend", "adjust", "hold", "capture", "release", "expire", "repay")},
    "restore": {"points": 5, "spendable": 3, "lapsed": 2},
    "clawback": {"points": 9, "spendable": -1, "pending": -1, "arrears": 2, "lapsed": 4, "forgiven": 1},
    "confirm": {"points": 5, "spendable": 5, "pending": -5},
    **{kind: {"points": 0} for kind in ("merge_out", "merge_in", "close")},
}
COLUMNS = ("points", "spendable", "pending", "arrears", "lapsed", "forgiven", "spendable_after")


def entry_adds_up(kind: str, **amounts: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_entry_adds_up(%s, %s, %s, %s, %s, %s, %s, %s)",
            [kind, *(amounts.get(column, 0) for column in COLUMNS)],
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db
@pytest.mark.parametrize("kind", Kind.values)
def test_every_kind_of_entry_has_its_arithmetic(kind: str):
    assert entry_adds_up(kind, **ADDS_UP[kind])
    assert not entry_adds_up(kind, **ADDS_UP[kind] | {"points": -1})
    assert not entry_adds_up(kind, **ADDS_UP[kind] | {"spendable_after": -1})


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [kind for kind, amounts in ADDS_UP.items() if amounts["points"] > 1])
def test_points_that_are_the_sum_of_others_are_exactly_that(kind: str):
    assert not entry_adds_up(kind, **ADDS_UP[kind] | {"points": ADDS_UP[kind]["points"] + 1})
    assert not entry_adds_up(kind, **ADDS_UP[kind] | {"spendable": ADDS_UP[kind]["spendable"] + 1})


@pytest.mark.django_db
def test_only_moving_and_closing_may_be_about_no_points():
    empty = {kind for kind in Kind.values if entry_adds_up(kind, points=0)}
    assert empty == {"merge_out", "merge_in", "close"}
    assert not entry_adds_up("gift", points=1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asset", "buckets", "closed", "merged_into", "right"),
    [
        ("points", (1, 2, 3, 0), None, None, True),
        ("growth", (0, 0, 0, 0), "2026-01-01", None, True),
        ("points", (0, 0, 0, 0), "2026-01-01", 2, True),
        ("gold", (0, 0, 0, 0), None, None, False),
        ("points", (1, 0, 0, 0), "2026-01-01", None, False),
        ("points", (0, 1, 0, 0), "2026-01-01", None, False),
        ("points", (0, 0, 1, 0), "2026-01-01", None, False),
        ("points", (0, 0, 0, 1), "2026-01-01", None, False),
        ("points", (0, 0, 0, 0), None, 2, False),
        ("points", (0, 0, 0, 0), "2026-01-01", 1, False),
    ],
)
def test_a_closed_account_is_empty_and_a_merged_one_closed(asset, buckets, closed, merged_into, right):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_account_adds_up(1, %s, %s, %s, %s, %s, %s::timestamptz, %s)",
            [asset, *buckets, closed, merged_into],
        )
        assert cursor.fetchone()[0] is right
