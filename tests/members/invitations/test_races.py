"""Caps hold when many register or visit at once, and a reward falls due once; each race has its control."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from members.models import Invitation, ShareVisit
from members.services import invitations, shares
from members.services.registration import register_by_phone
from members.services.shares import Visitor
from tests.members.factories import AT
from tests.members.invitations.scenes import DAY, a_newcomer, completed, paid, somebody, told, touch_of
from tests.members.test_races import at_once, kinds, meeting_point

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def two_a_day(settings: Any) -> None:
    settings.POLICIES = {"invitations_per_day": 2, "share_visits_per_day": 2}


def refusals_of_four_at_once() -> list[str]:
    touch = touch_of(somebody())

    def register(number: int) -> object:
        with transaction.atomic():
            return register_by_phone(phone=f"1360000000{number}", channel="h5", at=AT, touch=touch)

    assert kinds(at_once(register)) == ["Registered"] * 4
    return sorted(Invitation.objects.values_list("refusal", flat=True))


def test_newcomers_at_once_never_pass_the_cap() -> None:
    assert refusals_of_four_at_once() == ["", "", "day_cap", "day_cap"]


def test_control_without_the_lock_newcomers_pass_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    meet = meeting_point()
    monkeypatch.setattr(invitations, "lock_inviter", lambda *, member_id, at: meet())
    assert refusals_of_four_at_once() == ["", "", "", ""]


def counted_visits_of_four_at_once() -> list[str]:
    sharer = somebody()
    with transaction.atomic():
        code = shares.link_to(member_id=sharer.pk, path="/", at=AT)
        invitations.code_of(member_id=sharer.pk, at=AT)

    def visit(number: int) -> object:
        with transaction.atomic():
            visitor = Visitor(device=f"phone-{number}", address=f"203.0.{number}.7")
            return shares.open_link(code=code, visitor=visitor, at=AT)

    assert kinds(at_once(visit)) == ["Opened"] * 4
    return sorted(ShareVisit.objects.values_list("refusal", flat=True))


def test_visits_at_once_never_pass_the_cap() -> None:
    assert counted_visits_of_four_at_once() == ["", "", "day_cap", "day_cap"]
    assert len(told("ShareVisited")) == 2


def test_control_without_the_lock_visits_pass_the_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    meet, plain = meeting_point(), invitations.code_of
    monkeypatch.setattr(
        invitations, "lock_inviter", lambda *, member_id, at: meet() or plain(member_id=member_id, at=at)
    )
    refuse, meet_again = shares._refusal, meeting_point()

    def together(*facts: Any) -> str:
        reason = refuse(*facts)
        meet_again()
        return reason

    monkeypatch.setattr(shares, "_refusal", together)
    assert counted_visits_of_four_at_once() == ["", "", "", ""]


def sweep_twice_at_once() -> int:
    completed(paid(a_newcomer(somebody())))

    def sweep(_: int) -> object:
        with transaction.atomic():
            return invitations.reward_due(at=AT + DAY + timedelta(days=7))

    at_once(sweep, times=2)
    return len(told("InviteeFirstOrder"))


def test_two_sweeps_at_once_reward_once() -> None:
    assert sweep_twice_at_once() == 1


def test_control_without_the_lock_two_sweeps_reward_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    meet, plain = meeting_point(2), invitations._reward
    monkeypatch.setattr(type(Invitation.objects.all()), "select_for_update", lambda rows, **_: rows)
    monkeypatch.setattr(invitations, "_reward", lambda due, at: meet() or plain(due, at))
    assert sweep_twice_at_once() == 2
