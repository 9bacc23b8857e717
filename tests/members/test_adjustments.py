"""Points given or taken by hand."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from config.core.errors import InvalidInput, NotFound
from config.core.time import SHANGHAI
from members.models import AdjustmentRequest, Member, PointsNote, User
from members.selectors.adjustments import waiting_count
from members.selectors.statement import entry_in_words
from members.services import adjustments, approvals
from members.services.adjustments import Adjusted
from members.services.approvals import NotOwnRequest, OwnRequest, RequestDecided, RequestLapsed
from points import ledger
from tests.members.factories import AT, a_clerk, a_member

pytestmark = pytest.mark.django_db


def adjust(**asked: object) -> Adjusted:
    return adjustments.adjust_points(**{"text": "补偿", "key": "a1", "at": AT, **asked})  # type: ignore[arg-type]


def adjust_points(**asked: object) -> ledger.Entry:
    """An adjustment that needs nobody else."""
    done = adjust(**asked)
    assert done.entry is not None
    assert done.request_id is None
    return done.entry


def test_points_given_by_hand_carry_reason_operator_and_expiry() -> None:
    member, clerk = a_member(), a_clerk()
    entry = adjust_points(member_id=member.pk, points=200, text=" 补偿\n漏发 ", operator_id=clerk.pk, key="a1", at=AT)
    assert (entry.kind, entry.spendable, entry.source) == ("adjust", 200, f"staff:{clerk.pk}")
    note = PointsNote.objects.get()
    assert (note.entry_id, note.member_id, note.operator_id, note.text) == (entry.id, member.pk, clerk.pk, "补偿 漏发")
    lapsing = ledger.balance(account=member.points_account_id, at=AT).lapsing
    assert lapsing == [(datetime(2027, 12, 1, tzinfo=SHANGHAI), 200)]
    assert entry_in_words(account=member.points_account_id, entry_id=entry.id).note == "补偿 漏发"


def test_the_same_key_again_books_and_notes_once() -> None:
    member, clerk = a_member(), a_clerk()
    first, again = (
        adjust_points(member_id=member.pk, points=200, text=text, operator_id=clerk.pk, key="a1", at=AT)
        for text in ("补偿", "又点了一次")
    )
    assert first.id == again.id
    assert PointsNote.objects.get().text == "补偿"
    assert ledger.balance(account=member.points_account_id, at=AT).spendable == 200


def test_the_same_key_with_another_amount_is_refused() -> None:
    member, clerk = a_member(), a_clerk()
    adjust_points(member_id=member.pk, points=200, text="补偿", operator_id=clerk.pk, key="a1", at=AT)
    with pytest.raises(ledger.KeyReused):
        adjust_points(member_id=member.pk, points=300, text="补偿", operator_id=clerk.pk, key="a1", at=AT)


def test_more_than_there_is_cannot_be_taken() -> None:
    member, clerk = a_member(), a_clerk()
    with pytest.raises(ledger.InsufficientPoints) as refusal:
        adjust_points(member_id=member.pk, points=-1, text="误发", operator_id=clerk.pk, key="a1", at=AT)
    assert refusal.value.text == "积分不足：可用 0 积分，需要 1 积分"
    assert not PointsNote.objects.exists()


@pytest.mark.parametrize(
    ("points", "text", "fields"),
    [
        (0, "补偿", {"points": "调整数量不能为 0"}),
        (5, " \n", {"text": "请填写调整原因"}),
        (5, "长" * 201, {"text": "调整原因最多 200 个字"}),
        (0, "", {"points": "调整数量不能为 0", "text": "请填写调整原因"}),
    ],
)
def test_an_adjustment_needs_an_amount_and_a_reason(points: int, text: str, fields: dict[str, str]) -> None:
    member, clerk = a_member(), a_clerk()
    with pytest.raises(InvalidInput) as refusal:
        adjust_points(member_id=member.pk, points=points, text=text, operator_id=clerk.pk, key="a1", at=AT)
    assert refusal.value.fields == fields


def test_nobody_has_no_points_to_adjust() -> None:
    with pytest.raises(NotFound):
        adjust_points(member_id=10**12, points=5, text="补偿", operator_id=a_clerk().pk, key="a1", at=AT)


@pytest.fixture(autouse=True)
def small_limit(settings: Any) -> None:
    settings.POLICIES = {"adjustment_alone_points": 1000, "adjustment_request_days": 3}


def test_beyond_the_limit_nothing_is_booked_and_a_second_person_is_asked() -> None:
    member, clerk = a_member(), a_clerk()
    done = adjust(member_id=member.pk, points=1001, operator_id=clerk.pk)
    assert done.entry is None
    request = AdjustmentRequest.objects.get(pk=done.request_id)
    assert (request.member_id, request.points, request.text, request.status) == (member.pk, 1001, "补偿", "pending")
    assert (request.requester_id, request.expires_at) == (clerk.pk, AT + timedelta(days=3))
    assert ledger.balance(account=member.points_account_id, at=AT).spendable == 0


def test_up_to_the_limit_one_person_is_enough() -> None:
    member, clerk = a_member(), a_clerk()
    assert adjust_points(member_id=member.pk, points=1000, operator_id=clerk.pk).spendable == 1000
    assert not AdjustmentRequest.objects.exists()


def test_slices_of_one_day_count_together_given_and_taken_alike() -> None:
    member, clerk = a_member(), a_clerk()
    adjust_points(member_id=member.pk, points=600, operator_id=clerk.pk, key="a1")
    adjust_points(member_id=member.pk, points=-400, operator_id=clerk.pk, key="a2")
    assert adjust(member_id=member.pk, points=1, operator_id=clerk.pk, key="a3").request_id is not None
    assert adjust_points(member_id=member.pk, points=600, operator_id=clerk.pk, key="a1").spendable == 600
    assert adjust_points(member_id=member.pk, points=1000, operator_id=a_clerk("other").pk, key="a4")
    assert adjust_points(member_id=a_member(phone="13800000002").pk, points=1000, operator_id=clerk.pk, key="a5")
    tomorrow = AT + timedelta(hours=12)
    assert adjust_points(member_id=member.pk, points=1000, operator_id=clerk.pk, key="a6", at=tomorrow)


def test_a_limit_of_nothing_asks_for_every_adjustment(settings: Any) -> None:
    settings.POLICIES = {"adjustment_alone_points": 0}
    assert adjust(member_id=a_member().pk, points=1, operator_id=a_clerk().pk).entry is None


def test_asking_twice_with_one_key_asks_once_and_with_another_amount_is_refused() -> None:
    member, clerk = a_member(), a_clerk()
    first, again = (adjust(member_id=member.pk, points=5000, operator_id=clerk.pk) for _ in range(2))
    assert first == again
    with pytest.raises(ledger.KeyReused):
        adjust(member_id=member.pk, points=6000, operator_id=clerk.pk)


def test_nobody_is_asked_to_take_what_is_not_there() -> None:
    with pytest.raises(ledger.InsufficientPoints) as refusal:
        adjust(member_id=a_member().pk, points=-2000, operator_id=a_clerk().pk)
    assert refusal.value.facts == {"available": 0, "requested": 2000}
    assert not AdjustmentRequest.objects.exists()


def asked(points: int = 5000) -> tuple[Member, User, int]:
    """A member, who asked, and the request."""
    member, clerk = a_member(), a_clerk()
    done = adjust(member_id=member.pk, points=points, operator_id=clerk.pk)
    assert done.request_id is not None
    return member, clerk, done.request_id


def test_a_second_person_books_it_and_both_are_on_record() -> None:
    member, clerk, request_id = asked()
    other, later = a_clerk("other"), AT + timedelta(days=1)
    entry = approvals.approve(request_id=request_id, approver_id=other.pk, at=later)
    assert (entry.kind, entry.spendable, entry.source, entry.occurred_at) == (
        "adjust",
        5000,
        f"staff:{clerk.pk}",
        later,
    )
    request = AdjustmentRequest.objects.get()
    assert (request.status, request.decider_id, request.decided_at, request.entry_id) == (
        "approved",
        other.pk,
        later,
        entry.id,
    )
    assert PointsNote.objects.get().operator_id == clerk.pk
    assert ledger.balance(account=member.points_account_id, at=later).spendable == 5000
    assert adjust_points(member_id=member.pk, points=1000, operator_id=clerk.pk, key="a2", at=later)


def test_nobody_approves_or_refuses_their_own_request() -> None:
    member, clerk, request_id = asked()
    with pytest.raises(OwnRequest):
        approvals.approve(request_id=request_id, approver_id=clerk.pk, at=AT)
    with pytest.raises(OwnRequest):
        approvals.refuse(request_id=request_id, approver_id=clerk.pk, text="不", at=AT)
    with pytest.raises(IntegrityError, match="adjustmentrequest_second_person"), transaction.atomic():
        AdjustmentRequest.objects.update(decider=clerk, decided_at=AT, status="refused")
    assert ledger.balance(account=member.points_account_id, at=AT).spendable == 0


def test_a_refusal_says_why_and_books_nothing() -> None:
    member, _, request_id = asked()
    other = a_clerk("other")
    with pytest.raises(InvalidInput, match="请填写拒绝原因"):
        approvals.refuse(request_id=request_id, approver_id=other.pk, text=" ", at=AT)
    approvals.refuse(request_id=request_id, approver_id=other.pk, text="订单没有延误", at=AT)
    request = AdjustmentRequest.objects.get()
    assert (request.status, request.decider_id, request.answer, request.entry_id) == (
        "refused",
        other.pk,
        "订单没有延误",
        None,
    )
    assert ledger.balance(account=member.points_account_id, at=AT).spendable == 0


def test_only_who_asked_takes_it_back() -> None:
    _, clerk, request_id = asked()
    with pytest.raises(NotOwnRequest):
        approvals.withdraw(request_id=request_id, requester_id=a_clerk("other").pk, at=AT)
    approvals.withdraw(request_id=request_id, requester_id=clerk.pk, at=AT)
    assert (AdjustmentRequest.objects.get().status, waiting_count(at=AT)) == ("withdrawn", 0)


@pytest.mark.parametrize("status", ["withdrawn", "approved", "refused"])
def test_what_is_decided_stays_decided(status: str) -> None:
    _, clerk, request_id = asked()
    other = a_clerk("other")
    if status == "withdrawn":
        approvals.withdraw(request_id=request_id, requester_id=clerk.pk, at=AT)
    elif status == "approved":
        approvals.approve(request_id=request_id, approver_id=other.pk, at=AT)
    else:
        approvals.refuse(request_id=request_id, approver_id=other.pk, text="不", at=AT)
    for act in (
        lambda: approvals.approve(request_id=request_id, approver_id=other.pk, at=AT),
        lambda: approvals.refuse(request_id=request_id, approver_id=other.pk, text="不", at=AT),
        lambda: approvals.withdraw(request_id=request_id, requester_id=clerk.pk, at=AT),
    ):
        with pytest.raises(RequestDecided):
            act()
    assert AdjustmentRequest.objects.get().status == status


def test_a_request_lapses_at_its_last_moment() -> None:
    _, clerk, request_id = asked()
    other, end = a_clerk("other"), AT + timedelta(days=3)
    assert (waiting_count(at=end - timedelta(microseconds=1)), waiting_count(at=end)) == (1, 0)
    with pytest.raises(RequestLapsed):
        approvals.approve(request_id=request_id, approver_id=other.pk, at=end)
    with pytest.raises(RequestLapsed):
        approvals.withdraw(request_id=request_id, requester_id=clerk.pk, at=end)


def test_points_that_were_spent_meanwhile_leave_the_request_waiting() -> None:
    member, clerk = a_member(), a_clerk()
    ledger.earn(account=member.points_account_id, points=2000, key="e", source="order:1", at=AT)
    request_id = adjust(member_id=member.pk, points=-2000, operator_id=clerk.pk).request_id
    assert request_id is not None
    ledger.spend(account=member.points_account_id, points=1, key="s", source="order:2", at=AT)
    with pytest.raises(ledger.InsufficientPoints):
        approvals.approve(request_id=request_id, approver_id=a_clerk("other").pk, at=AT)
    assert AdjustmentRequest.objects.get().status == "pending"


def test_a_request_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFound):
        approvals.approve(request_id=10**12, approver_id=a_clerk().pk, at=AT)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"points": 0}, "adjustmentrequest_changes_something"),
        ({"expires_at": AT}, "adjustmentrequest_has_time"),
        ({"status": "refused", "decided_at": AT}, "adjustmentrequest_decided_by_someone"),
        ({"decided_at": AT}, "adjustmentrequest_decided_by_someone"),
        ({"status": "withdrawn"}, "adjustmentrequest_decided_by_someone"),
        ({"status": "nonsense", "decided_at": AT}, "adjustmentrequest_decided_by_someone"),
    ],
)
def test_the_database_refuses_a_decision_without_sense(change: dict[str, Any], constraint: str) -> None:
    asked()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        AdjustmentRequest.objects.update(**change)


def test_the_database_lets_nothing_be_approved_without_an_entry() -> None:
    asked()
    with pytest.raises(IntegrityError, match="adjustmentrequest_booked_when_approved"), transaction.atomic():
        AdjustmentRequest.objects.update(status="approved", decided_at=AT, decider=a_clerk("other"))
