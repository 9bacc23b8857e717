"""The machine that compares kernel and rules is worth its time: it finds each fault that is planted in the kernel."""

import pytest
from django.db import DatabaseError, connection
from hypothesis import Phase

from .model_machine import play

# What goes wrong: the kernel's function, its right words, and the wrong ones.
FAULTS = {
    "the older lot is spent before the one that lapses sooner": (
        "ledger_take", "ORDER BY expires_at, earned_at, id", "ORDER BY earned_at, id",
    ),
    "among lots that lapse together the younger goes first": (
        "ledger_take", "ORDER BY expires_at, earned_at, id", "ORDER BY expires_at, earned_at DESC, id",
    ),
    "a spend doesn't book what lapsed before": (
        "ledger_debit", "v_lapsed := ledger_lapsed(acc.id, v_now)", "v_lapsed := 0",
    ),
    "a clock that goes back revives what lapsed": (
        "ledger_debit", "v_now := greatest(p_at, acc.latest_at)", "v_now := p_at",
    ),
    "a lot can still be used at the instant it expires": ("ledger_lapsed", "expires_at <= p_now", "expires_at < p_now"),
    "what comes back late has no grace": ("ledger_put_back", "p_grace > interval '0'", "false"),
    "what comes back late is a lot without a past": ("ledger_put_back", "v_slice.origin_id,", "NULL,"),
    "the first drawn comes back first": ("ledger_put_back", "ORDER BY d.id DESC", "ORDER BY d.id"),
    "an earn doesn't pay arrears": ("ledger_credit", "acc.arrears > 0", "false"),
    "a clawback takes what had lapsed": ("ledger_claw_back", "least(ledger_lapsed_of(p_original.id),", "least(0,"),
    "a clawback leaves pending points alone": (
        "ledger_claw_back", "sum(remaining) FILTER (WHERE pending)", "sum(0) FILTER (WHERE pending)",
    ),
    "a repeated key may ask for other points": (
        "ledger_repeated", "e.requested IS NOT DISTINCT FROM p_requested", "true",
    ),
    "a partial capture keeps the points that last longest": (
        "ledger_give_up", "p_from, h.points, v_id", "0, h.points - p_from, v_id",
    ),
    "confirmed points keep an expiry that was changed": ("ledger_confirm", "WHEN NOT p_keeps THEN p_expires_at", ""),
    "merged lots forget where they came from": ("ledger_move_lots", "coalesce(origin_id, id)", "NULL"),
    "merged lots forget their day of earning": (
        "ledger_move_lots", "pending, earned_at, expires_at\n", "pending, now(), expires_at\n",
    ),
    "keys of a merged account are forgotten": ("ledger_entry_of_family", "a.merged_into_id = family.id", "false"),
    "a closed account can be posted to": ("ledger_credit", "acc.closed_at IS NOT NULL", "false"),
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("fault", FAULTS)
def test_the_machine_finds(fault):
    plant(*FAULTS[fault])
    with pytest.raises((AssertionError, DatabaseError)):  # the tables' own constraints are a second net
        play(200, seed=1, phases=[Phase.generate], report_multiple_bugs=False)


def plant(function: str, right: str, wrong: str) -> None:
    """Replace those words of a kernel function, until the test's transaction is rolled back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = %s", [function])
        ((definition,),) = cursor.fetchall()
        if right not in definition:
            pytest.fail(f"{function} doesn't say {right!r} any more")
        cursor.execute(definition.replace(right, wrong).replace("%", "%%"), [])
