"""Decisions on one request at once: one counts. The control shows the fault without the locks."""

import pytest
from django.db import transaction

from members.models import AdjustmentRequest, Member
from members.services import approvals
from members.services.adjustments import adjust_points
from points import ledger
from tests.members.factories import AT, a_clerk, a_member
from tests.members.test_races import at_once, meeting_point

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def asked() -> tuple[Member, int, list[int]]:
    """A member, a request for 20,000 points, and four who may approve it."""
    member, clerk = a_member(), a_clerk()
    approvers = [a_clerk(f"approver{number}").pk for number in range(4)]
    with transaction.atomic():
        done = adjust_points(member_id=member.pk, points=20_000, text="补偿", operator_id=clerk.pk, key="a", at=AT)
    assert done.request_id is not None
    return member, done.request_id, approvers


def kinds(answers: list[object]) -> list[str]:
    return sorted(type(answer).__name__ for answer in answers)


def test_approvals_at_once_book_once_and_one_of_them_counts() -> None:
    member, request_id, approvers = asked()

    def approve(number: int) -> object:
        with transaction.atomic():
            return approvals.approve(request_id=request_id, approver_id=approvers[number], at=AT)

    assert kinds(at_once(approve)) == ["Entry"] + ["RequestDecided"] * 3
    assert ledger.balance(account=member.points_account_id, at=AT).spendable == 20_000


def test_an_approval_and_a_refusal_at_once_are_one_decision() -> None:
    member, request_id, approvers = asked()

    def decide(number: int) -> object:
        with transaction.atomic():
            if number % 2:
                return approvals.approve(request_id=request_id, approver_id=approvers[number], at=AT)
            return approvals.refuse(request_id=request_id, approver_id=approvers[number], text="不", at=AT)

    assert kinds(at_once(decide)).count("RequestDecided") == 3
    points = ledger.balance(account=member.points_account_id, at=AT).spendable
    assert (AdjustmentRequest.objects.get().status, points) in {("approved", 20_000), ("refused", 0)}


def test_control_without_the_locks_all_believe_that_they_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger's key still books once: it is the second net."""
    member, request_id, approvers = asked()
    meet = meeting_point()

    def look_together(request_id: int) -> AdjustmentRequest | None:
        found = AdjustmentRequest.objects.filter(pk=request_id).first()
        meet()
        return found

    def approve(number: int) -> object:
        with transaction.atomic():
            return approvals.approve(request_id=request_id, approver_id=approvers[number], at=AT)

    monkeypatch.setattr(approvals, "_lock_account_of", lambda request_id: None)
    monkeypatch.setattr(approvals, "_locked", look_together)
    assert kinds(at_once(approve)) == ["Entry"] * 4
    assert ledger.balance(account=member.points_account_id, at=AT).spendable == 20_000


def test_slices_at_once_pass_the_limit_once() -> None:
    """The account's lock makes the second slice see the first."""
    member, clerk = a_member(), a_clerk()

    def slice_of(number: int) -> str:
        with transaction.atomic():
            done = adjust_points(
                member_id=member.pk, points=6000, text="补偿", operator_id=clerk.pk, key=f"s{number}", at=AT
            )
        return "booked" if done.entry else "asked"

    assert sorted(map(str, at_once(slice_of))) == ["asked", "asked", "asked", "booked"]
    assert ledger.balance(account=member.points_account_id, at=AT).spendable == 6000
