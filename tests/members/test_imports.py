"""Members from another system, set-based."""

from datetime import timedelta

import pytest

from config.outbox.models import Message
from members.models import Member
from members.services.imports import ImportedMember, create_members
from points import ledger
from tests.members.factories import AT

pytestmark = pytest.mark.django_db


def rows(count: int, *, source: str = "till") -> list[ImportedMember]:
    return [
        ImportedMember(source=source, external_ref=str(12346 + i), registered_at=AT - timedelta(days=i))
        for i in range(count)
    ]


def test_imported_members_start_on_the_lowest_tier_without_a_log_in() -> None:
    ids = create_members(
        rows=[ImportedMember(source="till", external_ref="12346", registered_at=AT, nickname="老王")], at=AT
    )
    member = Member.objects.select_related("tier").get()
    assert ids == {"12346": member.pk}
    assert (member.source, member.external_ref, member.channel, member.nickname) == ("till", "12346", "import", "老王")
    assert (member.tier.code, member.tier_since, member.registered_at, member.user_id) == ("bronze", AT, AT, None)
    assert (member.phone, member.phone_index) == ("", None)
    assert ledger.balance(account=member.growth_account_id, at=AT).spendable == 0
    assert not Message.objects.exists()


def test_a_second_run_changes_nothing_and_finds_the_same() -> None:
    first = create_members(rows=rows(5), at=AT)
    before = list(Member.objects.order_by("pk").values())
    assert create_members(rows=rows(7), at=AT) == {**first, **create_members(rows=rows(7), at=AT)}
    assert list(Member.objects.order_by("pk").values())[:5] == before
    assert Member.objects.count() == 7


def test_the_same_reference_twice_in_one_file_is_one_member() -> None:
    assert len(create_members(rows=[*rows(2), *rows(2)], at=AT)) == 2
    assert Member.objects.count() == 2


def test_two_systems_may_use_the_same_reference() -> None:
    one, other = create_members(rows=rows(1), at=AT), create_members(rows=rows(1, source="crm"), at=AT)
    assert one["12346"] != other["12346"]


def test_nobody_registers_in_the_future_and_nobody_shares_a_number_or_account() -> None:
    create_members(rows=rows(50), at=AT - timedelta(days=10))
    members = Member.objects.all()
    assert max(member.registered_at for member in members) == AT - timedelta(days=10)
    assert len({member.number for member in members}) == 50
    assert len({a for member in members for a in (member.points_account_id, member.growth_account_id)}) == 100


def test_thousands_cost_as_many_queries_as_two(django_assert_num_queries) -> None:
    with django_assert_num_queries(7):
        create_members(rows=rows(2), at=AT)
    with django_assert_num_queries(7):
        create_members(rows=rows(1900, source="crm"), at=AT)


def test_nothing_to_import_is_nothing() -> None:
    assert create_members(rows=[], at=AT) == {}
