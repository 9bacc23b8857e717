"""Whose newcomer somebody is, and why an invitation does not count: without a database."""

from datetime import timedelta

import pytest

from config.core.policies import Policies
from members.models import Invitation
from members.rules import invitations as rules
from members.rules.invitations import Newcomer, Touch
from members.rules.posters import invite_poster
from tests.members.factories import AT

DAY = timedelta(days=1)
A, B = Touch(invite_code="AAAAAAA", touched_at=AT, device="phone"), Touch(invite_code="BBBBBBB", touched_at=AT + DAY)
GOOD = {
    "inviter_id": 1,
    "inviter_is_active": True,
    "is_returning": False,
    "device_members": frozenset[int](),
    "counted_today": 0,
    "counted_this_month": 0,
}


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (" abcdefg ", "ABCDEFG"),
        ("ABCDEFGH", ""),
        ("ABCDE0G", ""),
        ("ABCDE\u200bG", ""),
        ("", ""),
        ("ＡＢＣＤＥＦＧ", ""),
    ],
)
def test_an_invite_code_is_seven_unmistakable_characters(typed: str, code: str) -> None:
    assert rules.clean_invite_code(typed) == code


def test_the_first_link_counts_while_it_is_fresh() -> None:
    assert rules.first_touch(known=A, new=B, at=AT + 29 * DAY, days=30) == A


def test_after_that_the_next_link_counts_on_the_same_device() -> None:
    later = rules.first_touch(known=A, new=B, at=AT + 30 * DAY, days=30)
    assert (later.invite_code, later.touched_at, later.device) == ("BBBBBBB", AT + DAY, "phone")


def test_a_browser_that_no_link_led_here_takes_the_first_one() -> None:
    taken = rules.first_touch(known=Touch(device="phone"), new=B, at=AT + DAY, days=30)
    assert (taken.invite_code, taken.device) == ("BBBBBBB", "phone")


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({}, ""),
        ({"inviter_is_active": False}, "inviter_inactive"),
        ({"device_members": {1, 2}}, "self"),
        ({"device_members": {2}}, "same_device"),
        ({"is_returning": True}, "returning"),
        ({"counted_today": 20}, "day_cap"),
        ({"counted_this_month": 200}, "month_cap"),
        ({"counted_today": 19, "counted_this_month": 199}, ""),
        ({"device_members": {1}, "is_returning": True, "counted_today": 99}, "self"),
    ],
)
def test_each_reason_and_which_of_several_is_told(facts: dict[str, object], reason: str) -> None:
    newcomer = Newcomer(**{**GOOD, **facts})  # type: ignore[arg-type]
    assert rules.refusal_of(newcomer, policies=Policies()) == reason


def test_every_reason_has_words_for_the_inviter() -> None:
    assert set(rules.REFUSALS) == set(Invitation.Refusal.values)


@pytest.mark.parametrize(("name", "shown"), [("周一诺", "周**"), ("A", "A**"), ("", "**")])
def test_friends_are_shown_by_their_first_character(name: str, shown: str) -> None:
    assert rules.masked(name) == shown


def test_without_a_wait_the_rules_name_none() -> None:
    assert "满 7 天" in rules.rule_sentences(Policies())[1]
    assert "满" not in rules.rule_sentences(Policies(invitation_return_days=0))[1]


def test_a_poster_cuts_long_texts_and_escapes_all() -> None:
    drawn = invite_poster(
        url="https://mall.example/i/ABCDEFG/",
        shop='"><script>',
        nickname="很" * 40,
        code="ABCDEFG",
        gifts=["<i>" * 20],
        brand='red"/><script>',
        avatar='x"onload="alert(1)',
    )
    assert "<script" not in drawn
    assert "很" * 11 + "…" in drawn
    assert '"onload="' not in drawn
