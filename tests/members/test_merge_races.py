"""Merges at once; the control shows what is left to the ledger without the locks."""

from typing import Any

import pytest
from django.db import transaction

from members.models import Member
from members.services import merge_requests, merging
from members.services.locks import lock_members
from members.services.merging import merge_members
from members.services.registration import register_by_phone
from members.services.sign_in import log_in_of
from points import ledger
from tests.members.factories import AT, PHONE, a_clerk, a_member
from tests.members.test_races import at_once, meeting_point

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
OTHER = "13800000002"


def two_with_points() -> list[int]:
    members = [a_member(phone=PHONE), a_member(phone=OTHER)]
    with transaction.atomic():
        for member in members:
            ledger.earn(account=member.points_account_id, points=50, key="e", source="order:1", at=AT)
    return [member.pk for member in members]


def crosswise(ids: list[int]) -> list[str]:
    """What comes of merging each into the other, twice, all at once."""

    def act(number: int) -> object:
        source, target = ids if number % 2 else reversed(ids)
        with transaction.atomic():
            return merge_members(source_id=source, target_id=target, at=AT)

    return sorted(type(answer).__name__ for answer in at_once(act))


def balances() -> list[int]:
    accounts = Member.objects.order_by("pk").values_list("points_account_id", flat=True)
    return sorted(ledger.balance(account=account, at=AT).spendable for account in accounts)


def test_each_into_the_other_at_once_is_one_merge() -> None:
    ids = two_with_points()
    assert crosswise(ids) == ["MemberMerged", "MemberMerged", "Moved", "NoneType"]
    assert balances() == [0, 100]
    assert Member.objects.filter(merged_into__isnull=False).count() == 1


def test_control_without_the_locks_the_ledger_alone_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    ids, meet = two_with_points(), meeting_point()

    def look_together(source_id: int, target_id: int) -> tuple[Member, Member]:
        found = Member.objects.in_bulk([source_id, target_id])
        meet()
        return found[source_id], found[target_id]

    monkeypatch.setattr(merging, "_lock_both", look_together)
    answers = crosswise(ids)
    assert "MemberMerged" not in answers
    assert answers.count("AccountClosed") == 2
    assert balances() == [0, 100]


def test_who_logs_in_while_they_are_merged_is_one_of_the_two_and_never_nobody() -> None:
    ids = two_with_points()

    def act(number: int) -> object:
        with transaction.atomic():
            if number == 0:
                return merge_members(source_id=ids[1], target_id=ids[0], at=AT)
            member_id = register_by_phone(phone=OTHER, channel="h5", at=AT).member_id
            return log_in_of(member_id=member_id)

    assert sorted(type(answer).__name__ for answer in at_once(act, times=6)) == ["Moved"] + ["int"] * 5
    assert Member.objects.count() == 2
    assert Member.objects.get(pk=ids[1]).user_id is None


def test_a_merge_at_once_waits_for_an_account_before_it_locks_the_members(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.POLICIES = {"merge_delay_hours": 0}
    ids, clerk, meet = two_with_points(), a_clerk(), meeting_point(2)
    account = Member.objects.get(pk=ids[1]).points_account_id

    def merge_when_the_account_is_taken(**given: Any) -> object:
        meet()
        return merge_members(**given)

    def act(number: int) -> object:
        with transaction.atomic():
            if number == 0:
                return merge_requests.request_merge(
                    source_id=ids[1], target_id=ids[0], operator_id=clerk.pk, at=AT
                ).status
            ledger.lock(accounts=[account])
            meet()
            return lock_members([ids[1]])[ids[1]].status

    monkeypatch.setattr(merge_requests, "merge_members", merge_when_the_account_is_taken)
    assert at_once(act, times=2) == ["done", "active"]
