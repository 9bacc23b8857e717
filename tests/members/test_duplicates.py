"""Members who may be one person: found over blind indexes, decided on by staff, merged after a delay."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from config.core.db import fetch_all
from config.outbox.models import Message
from members.models import Duplicate, DuplicateTrace, Member, MergeRequest
from members.rules import duplicates as rules
from members.services import duplicates, identities, merge_requests, traces
from members.services.duplicates import AlreadyDecided
from members.services.identities import External
from members.services.merge_requests import MergeNotPending, MergePending
from members.services.merging import MemberNotActive, SameMember
from members.tasks import find_duplicates, merge_due
from points import ledger
from tests.members.factories import AT, a_clerk, a_member

pytestmark = pytest.mark.django_db


def person(phone: str, *, name: str = "", birthday: str = "") -> Member:
    member = a_member(phone=phone)
    member.name, member.birthday = name, birthday
    member.save(update_fields=["name", "birthday"])
    return member


def found(limit: int = 100) -> list[tuple[int, int, list[str]]]:
    for step in (duplicates.trace_next, lambda **given: duplicates.find_next(**given, at=AT)):
        after = 0
        while after is not None:
            after = step(after_member_id=after, limit=limit)
    rows = Duplicate.objects.filter(status="open").order_by("first", "second")
    return [(row.first_id, row.second_id, row.reasons) for row in rows]


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_one_name_and_birthday_are_one_person_however_the_name_is_typed(limit: int) -> None:
    one = person("13800000001", name="王 小杉", birthday="1990-05-20")
    two = person("13900000002", name="王小杉", birthday="1990-05-20")
    person("13700000003", name="王小杉", birthday="1991-05-20")
    person("13600000004", name="王大杉", birthday="1990-05-20")
    assert found(limit) == [(one.pk, two.pk, ["name_birthday"])]


@pytest.mark.parametrize("typed", ["13800000002", "13900000001", "13080000001", "18300000001"])
def test_one_name_and_a_phone_that_is_a_slip_apart(typed: str) -> None:
    one, two = person("13800000001", name="王小杉"), person(typed, name="王小杉")
    assert found() == [(one.pk, two.pk, ["name_phone"])]


@pytest.mark.parametrize("typed", ["13800000012", "13811000001", "18800000011", "13800010002"])
def test_phones_further_apart_are_of_two_people(typed: str) -> None:
    person("13800000001", name="王小杉")
    person(typed, name="王小杉")
    assert found() == []


def test_a_phone_a_slip_apart_says_nothing_without_the_name() -> None:
    person("13800000001", name="王小杉")
    person("13800000002", name="李小杉")
    person("13800000003")
    assert found() == []


def test_one_wechat_in_two_apps_and_one_device_are_reasons_too() -> None:
    one, two = a_member(phone="13800000001"), a_member(phone="13900000002")
    identities.bind(member_id=one.pk, who=External(provider="wechat_mini", openid="o-1", unionid="u"), at=AT)
    identities.bind(member_id=two.pk, who=External(provider="wechat_official", openid="o-2", unionid="u"), at=AT)
    for member in (one, two):
        traces.note_device(member_id=member.pk, device="browser-1", at=AT)
    assert found() == [(one.pk, two.pk, ["device", "unionid"])]


def test_what_too_many_share_says_nothing() -> None:
    for number in range(rules.MOST_ALIKE + 1):
        traces.note_device(member_id=a_member(phone=f"138000000{number:02d}").pk, device="the tablet", at=AT)
    assert found() == []


def test_members_who_are_closed_or_merged_are_no_duplicates() -> None:
    one = person("13800000001", name="王小杉", birthday="1990-05-20")
    person("13900000002", name="王小杉", birthday="1990-05-20")
    assert len(found()) == 1
    Duplicate.objects.all().delete()
    Member.objects.filter(pk=one.pk).update(status="closed")
    assert found() == []
    assert not DuplicateTrace.objects.filter(member=one).exists()


def test_names_and_phones_are_not_readable_in_the_traces() -> None:
    person("13800000001", name="王小杉", birthday="1990-05-20")
    found()
    rows = fetch_all("SELECT kind, trace FROM members_duplicatetrace", {})
    assert len(rows) == 4
    assert all(len(trace) == 64 for _, trace in rows)


def test_finding_again_changes_nothing_and_follows_corrections() -> None:
    one = person("13800000001", name="王小杉", birthday="1990-05-20")
    two = person("13900000002", name="王小杉", birthday="1990-05-20")
    before = found(), set(DuplicateTrace.objects.values_list("pk", flat=True))
    assert (found(), set(DuplicateTrace.objects.values_list("pk", flat=True))) == before
    two.phone = "13800000002"
    two.save(update_fields=["phone"])
    assert found() == [(one.pk, two.pk, ["name_birthday", "name_phone"])]


def test_two_who_were_said_to_be_two_are_not_named_again() -> None:
    person("13800000001", name="王小杉", birthday="1990-05-20")
    person("13900000002", name="王小杉", birthday="1990-05-20")
    found()
    pair, clerk = Duplicate.objects.get(), a_clerk()
    duplicates.dismiss(duplicate_id=pair.pk, operator_id=clerk.pk, at=AT)
    assert found() == []
    with pytest.raises(AlreadyDecided):
        duplicates.dismiss(duplicate_id=pair.pk, operator_id=clerk.pk, at=AT)


@pytest.mark.django_db(transaction=True)
def test_the_nightly_task_finds_them() -> None:
    person("13800000001", name="王小杉", birthday="1990-05-20")
    person("13900000002", name="王小杉", birthday="1990-05-20")
    find_duplicates(limit=1)
    assert Duplicate.objects.count() == 1


def test_finding_costs_the_same_for_few_and_for_many(django_assert_max_num_queries) -> None:
    for number in range(30):
        person(f"138000000{number:02d}", name=f"会员{number // 2}", birthday="1990-05-20")
    duplicates.trace_next(after_member_id=0, limit=100)
    with django_assert_max_num_queries(7):
        duplicates.find_next(after_member_id=0, limit=100, at=AT)
    assert Duplicate.objects.count() == 15


_DIGITS = st.text("0123456789", min_size=11, max_size=11)


@given(phone=_DIGITS, place=st.integers(0, 10), digit=st.sampled_from("0123456789"))
def test_whatever_is_a_slip_apart_shares_a_text(phone: str, place: int, digit: str) -> None:
    mistyped = phone[:place] + digit + phone[place + 1 :]
    swapped = phone[:place] + phone[place : place + 2][::-1] + phone[place + 2 :]
    mine = set(rules.name_and_phone(name="王", phone=phone))
    for other in (mistyped, swapped):
        assert rules.is_slip(phone, other) == (phone != other)
        assert mine & set(rules.name_and_phone(name="王", phone=other))


# ── merges that wait ──


@pytest.fixture
def pair() -> tuple[Member, Member]:
    source, target = a_member(phone="13800000001"), a_member(phone="13900000002")
    ledger.earn(account=source.points_account_id, points=300, key="k", source="test", at=AT)
    return source, target


def ask(source: Member, target: Member, at=AT, clerk: str = "clerk") -> MergeRequest:
    return merge_requests.request_merge(source_id=source.pk, target_id=target.pk, operator_id=a_clerk(clerk).pk, at=at)


def points(member: Member) -> int:
    return ledger.balance(account=member.points_account_id, at=AT + timedelta(days=3)).spendable


def test_a_merge_waits_a_day_and_is_told_beforehand(pair) -> None:
    source, target = pair
    request = ask(source, target)
    assert (request.status, request.due_at) == ("pending", AT + timedelta(hours=24))
    fact = Message.objects.get(event="members.MergeRequested")
    assert (fact.payload["member_id"], fact.payload["source_member_id"]) == (target.pk, source.pk)
    assert merge_requests.perform_next(at=request.due_at - timedelta(seconds=1)) is False
    assert (points(source), points(target)) == (300, 0)
    assert merge_requests.perform_next(at=request.due_at) is True
    request.refresh_from_db()
    assert (request.status, request.decided_at, points(target)) == ("done", AT + timedelta(hours=24), 300)
    source.refresh_from_db()
    assert source.merged_into_id == target.pk
    assert merge_requests.perform_next(at=AT + timedelta(days=9)) is False


def test_until_then_staff_can_cancel_it(pair) -> None:
    source, target = pair
    request, other = ask(source, target), a_clerk("other")
    merge_requests.cancel(request_id=request.pk, operator_id=other.pk, at=AT + timedelta(hours=23))
    assert merge_requests.perform_next(at=AT + timedelta(days=2)) is False
    request.refresh_from_db()
    assert (request.status, request.decided_by_id, points(source)) == ("cancelled", other.pk, 300)
    assert Message.objects.filter(event="members.MergeCancelled").count() == 1
    with pytest.raises(MergeNotPending):
        merge_requests.cancel(request_id=request.pk, operator_id=other.pk, at=AT)
    assert ask(source, target, clerk="third").status == "pending"


def test_a_shop_that_wants_no_delay_merges_at_once(pair, settings) -> None:
    settings.POLICIES = {"merge_delay_hours": 0}
    source, target = pair
    request = ask(source, target)
    assert (request.status, points(target)) == ("done", 300)
    with pytest.raises(MergeNotPending):
        merge_requests.cancel(request_id=request.pk, operator_id=a_clerk("other").pk, at=AT)


def test_a_member_waits_for_one_merge_at_a_time(pair) -> None:
    source, target = pair
    third = a_member(phone="13700000003")
    ask(source, target)
    for index, (one, other) in enumerate([(source, third), (target, third), (third, source)]):
        with pytest.raises(MergePending) as refusal:
            ask(one, other, clerk=f"clerk{index}")
        assert refusal.value.facts == {"number": source.number}
    assert ask(third, target, clerk="fine").status == "pending"


def test_nobody_is_merged_into_themselves_or_while_frozen(pair) -> None:
    source, target = pair
    with pytest.raises(SameMember):
        ask(source, source)
    Member.objects.filter(pk=source.pk).update(status="frozen")
    with pytest.raises(MemberNotActive):
        ask(source, target, clerk="other")
    assert not MergeRequest.objects.exists()


def test_an_unpaid_order_puts_it_off_by_an_hour(pair) -> None:
    source, target = pair
    request = ask(source, target)
    hold = ledger.hold(
        account=source.points_account_id, points=1, key="h", source="order:1", until=AT + timedelta(days=9), at=AT
    )
    assert merge_requests.perform_next(at=request.due_at) is True
    request.refresh_from_db()
    assert (request.status, request.due_at) == ("pending", AT + timedelta(hours=25))
    assert "未付款订单" in request.answer
    ledger.release(hold=hold.id, at=AT + timedelta(hours=24))
    assert merge_requests.perform_next(at=request.due_at) is True
    assert points(target) == 300


def test_what_became_impossible_is_given_up_and_said(pair) -> None:
    source, target = pair
    request = ask(source, target)
    Member.objects.filter(pk=source.pk).update(status="frozen")
    assert merge_requests.perform_next(at=request.due_at) is True
    request.refresh_from_db()
    assert (request.status, request.answer) == ("failed", f"会员 {source.number} 已冻结，不能合并")
    assert points(target) == 0


def test_the_pair_is_closed_with_the_merge() -> None:
    one = person("13800000001", name="王小杉", birthday="1990-05-20")
    two = person("13900000002", name="王小杉", birthday="1990-05-20")
    found()
    request = ask(two, one)
    merge_requests.perform_next(at=request.due_at)
    assert Duplicate.objects.get().status == "merged"


@pytest.mark.django_db(transaction=True)
def test_the_task_does_what_is_due() -> None:
    source, target = a_member(phone="13800000001"), a_member(phone="13900000002")
    with transaction.atomic():
        ask(source, target)
    assert (merge_due(), merge_due()) == (1, 0)
    source.refresh_from_db()
    assert source.merged_into_id == target.pk


def test_a_merge_that_fails_unforeseen_keeps_no_other_waiting(pair, monkeypatch: pytest.MonkeyPatch) -> None:
    source, target = pair
    request = ask(source, target)

    def broken(**_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(merge_requests, "merge_members", broken)
    assert merge_requests.perform_next(at=request.due_at) is True
    assert merge_requests.perform_next(at=request.due_at) is False
    monkeypatch.undo()
    assert merge_requests.perform_next(at=request.due_at + timedelta(hours=1)) is True
    request.refresh_from_db()
    assert (request.status, points(target)) == ("done", 300)
