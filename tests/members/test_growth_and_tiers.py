"""Growth lifts; taking it back lowers whom it had carried."""

from datetime import datetime, timedelta

import pytest
from django.test import override_settings

from config.outbox.models import Message
from members.models import Member, TierChange
from members.services.growth import post_growth, reverse_growth
from members.services.tiers import reevaluate, reevaluate_many
from points import ledger
from tests.members.factories import AT, a_member

pytestmark = pytest.mark.django_db


def earn(member: Member, growth: int, *, order: int = 1, at: datetime = AT) -> ledger.Entry:
    return post_growth(
        member_id=member.pk, points=growth, key=f"order:{order}:growth", source=f"order:{order}", at=at, cause="order"
    )


def take_back(member: Member, entry: ledger.Entry, growth: int | None = None, *, at: datetime = AT) -> ledger.Entry:
    return reverse_growth(
        member_id=member.pk, entry_id=entry.id, key="refund:1:growth", at=at, cause="refund:1", points=growth
    )


def tier_of(member: Member) -> str:
    return Member.objects.select_related("tier").get(pk=member.pk).tier.code


def moves() -> list[tuple[str, str, int, str]]:
    rows = TierChange.objects.order_by("pk").select_related("old_tier", "new_tier")
    return [(row.old_tier.code, row.new_tier.code, row.growth, row.cause) for row in rows]


def test_growth_below_the_threshold_moves_nobody() -> None:
    member = a_member()
    earn(member, 999)
    assert tier_of(member) == "bronze"
    assert moves() == []


def test_reaching_a_threshold_lifts_at_once_and_says_so() -> None:
    member = a_member()
    earn(member, 999)
    earn(member, 4001, order=2, at=AT + timedelta(hours=1))
    assert tier_of(member) == "gold"
    assert moves() == [("bronze", "gold", 5000, "order")]
    assert Member.objects.get(pk=member.pk).tier_since == AT + timedelta(hours=1)
    fact = Message.objects.get(event="members.TierChanged")
    assert fact.stream == f"member:{member.pk}"
    assert fact.payload == {
        "member_id": member.pk,
        "old_tier_code": "bronze",
        "new_tier_code": "gold",
        "cause": "order",
        "at": (AT + timedelta(hours=1)).isoformat(),
    }


def test_the_same_key_again_changes_nothing() -> None:
    member = a_member()
    first = earn(member, 1000)
    assert earn(member, 1000).id == first.id
    assert ledger.balance(account=member.growth_account_id, at=AT).spendable == 1000
    assert moves() == [("bronze", "silver", 1000, "order")]


def test_a_refund_of_the_growth_that_lifted_lowers_at_once() -> None:
    member = a_member()
    entry = earn(member, 5100)
    take_back(member, entry, 101)
    assert tier_of(member) == "silver"
    assert moves() == [("bronze", "gold", 5100, "order"), ("gold", "silver", 4999, "refund:1")]


def test_a_refund_that_leaves_enough_changes_no_tier() -> None:
    member = a_member()
    take_back(member, earn(member, 5100), 100)
    assert tier_of(member) == "gold"


def test_a_repeated_refund_lowers_once() -> None:
    member = a_member()
    entry = earn(member, 1000)
    first = take_back(member, entry)
    assert take_back(member, entry).id == first.id
    assert moves() == [("bronze", "silver", 1000, "order"), ("silver", "bronze", 0, "refund:1")]


def test_who_outlived_the_growth_of_a_tier_keeps_it_through_a_refund() -> None:
    member = a_member(at=AT - timedelta(days=500))
    earn(member, 5000, at=AT - timedelta(days=400))
    fresh = earn(member, 500, order=2)
    take_back(member, fresh)
    assert tier_of(member) == "gold"
    assert moves() == [("bronze", "gold", 5000, "order")]


@pytest.mark.parametrize(("months", "code"), [(12, "bronze"), (24, "silver"), (0, "silver")])
def test_growth_counts_within_the_shops_window(months: int, code: str) -> None:
    member = a_member(at=AT - timedelta(days=500))
    with override_settings(POLICIES={"growth_window_months": months}):
        earn(member, 600, at=AT - timedelta(days=400))
        earn(member, 600, order=2)
    assert tier_of(member) == code


def test_looking_again_never_lowers() -> None:
    member = a_member(at=AT - timedelta(days=500))
    earn(member, 5000, at=AT - timedelta(days=400))
    assert reevaluate(member_id=member.pk, at=AT, cause="look") is False
    assert tier_of(member) == "gold"


def grown(count: int, *, start: int) -> list[int]:
    members = [a_member(phone=f"138{start + i:08d}") for i in range(count)]
    ledger.post_many(
        [
            ledger.Posting(
                account=member.growth_account_id, points=1000 * (i % 3 + 1), key="import:1", source="x", at=AT
            )
            for i, member in enumerate(members)
        ]
    )
    return [member.pk for member in members]


def test_many_members_are_lifted_at_once() -> None:
    ids = grown(3, start=10)
    Message.objects.all().delete()
    with override_settings(POLICIES={}):
        assert reevaluate_many(moments=dict.fromkeys(ids, AT), cause="import") == 3
    assert moves() == [
        ("bronze", "silver", 1000, "import"),
        ("bronze", "silver", 2000, "import"),
        ("bronze", "silver", 3000, "import"),
    ]
    assert [message.payload["member_id"] for message in Message.objects.order_by("pk")] == ids
    assert reevaluate_many(moments=dict.fromkeys(ids, AT), cause="import") == 0


def test_each_member_is_judged_as_of_their_own_moment() -> None:
    early, late = a_member(phone="13800000001"), a_member(phone="13800000002")
    then, later = AT - timedelta(days=300), AT + timedelta(days=100)
    ledger.post_many(
        [
            ledger.Posting(account=who.growth_account_id, points=5000, key="import:1", source="x", at=then)
            for who in (early, late)
        ]
    )
    assert reevaluate_many(moments={early.pk: AT, late.pk: later}, cause="import") == 1
    assert (tier_of(early), tier_of(late)) == ("gold", "bronze")
    assert list(TierChange.objects.values_list("member_id", "at")) == [(early.pk, AT)]
    assert Member.objects.get(pk=early.pk).tier_since == AT
    assert [message.payload["at"] for message in Message.objects.filter(event="members.TierChanged")] == [
        AT.isoformat()
    ]


def test_lifting_many_costs_as_many_queries_as_lifting_few(django_assert_num_queries) -> None:
    few, many = grown(2, start=100), grown(40, start=200)
    with django_assert_num_queries(6):
        reevaluate_many(moments=dict.fromkeys(few, AT), cause="import")
    with django_assert_num_queries(6):
        reevaluate_many(moments=dict.fromkeys(many, AT), cause="import")


def test_growth_that_is_booked_late_but_was_earned_early_counts_with_what_came_after() -> None:
    member = a_member()
    earn(member, 600, at=AT + timedelta(seconds=1))
    earn(member, 400, order=2, at=AT)
    assert tier_of(member) == "silver"
