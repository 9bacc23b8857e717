"""The address book: its owner's alone, twenty at most, one default."""

import pytest
from django.test import override_settings

from config.core.db import fetch_one
from config.core.errors import InvalidInput, NotFound
from members.models import Address, Member
from members.rules.addresses import AddressForm
from members.selectors.addresses import address, addresses
from members.services.addresses import TooManyAddresses, delete_address, make_default, save_address
from tests.members.factories import AT, a_member

pytestmark = pytest.mark.django_db


def save(member: Member, detail: str, *, address_id: int | None = None, is_default: bool = False) -> int:
    form = AddressForm(
        recipient="周一诺", phone="13800000001", region_code="330106", detail=detail, is_default=is_default
    )
    return save_address(member_id=member.pk, address_id=address_id, form=form, at=AT)


def book(member: Member) -> list[tuple[str, bool]]:
    return [(row.detail, row.is_default) for row in addresses(member_id=member.pk)]


def test_the_first_address_is_the_default_one() -> None:
    member = a_member()
    save(member, "文三路 1 号")
    save(member, "文三路 2 号")
    assert book(member) == [("文三路 1 号", True), ("文三路 2 号", False)]


def test_a_new_default_replaces_the_old_one() -> None:
    member = a_member()
    first = save(member, "文三路 1 号")
    save(member, "文三路 2 号", is_default=True)
    assert book(member) == [("文三路 2 号", True), ("文三路 1 号", False)]
    make_default(member_id=member.pk, address_id=first)
    assert book(member) == [("文三路 1 号", True), ("文三路 2 号", False)]


def test_changing_an_address_keeps_its_place() -> None:
    member = a_member()
    first = save(member, "文三路 1 号")
    assert save(member, "文三路 9 号", address_id=first) == first
    assert book(member) == [("文三路 9 号", True)]


def test_deleting_the_default_hands_it_to_the_newest_other() -> None:
    member = a_member()
    first = save(member, "文三路 1 号")
    save(member, "文三路 2 号")
    save(member, "文三路 3 号")
    delete_address(member_id=member.pk, address_id=first)
    assert book(member) == [("文三路 3 号", True), ("文三路 2 号", False)]


def test_deleting_the_last_leaves_an_empty_book() -> None:
    member = a_member()
    delete_address(member_id=member.pk, address_id=save(member, "文三路 1 号"))
    assert book(member) == []


def test_the_same_new_address_twice_is_saved_once() -> None:
    member = a_member()
    assert save(member, "文三路 1 号") == save(member, " 文三路  1 号 ")
    assert len(book(member)) == 1


@override_settings(POLICIES={"max_addresses": 2})
def test_a_full_book_says_so_but_can_be_edited() -> None:
    member = a_member()
    first = save(member, "文三路 1 号")
    save(member, "文三路 2 号")
    with pytest.raises(TooManyAddresses) as refusal:
        save(member, "文三路 3 号")
    assert refusal.value.text == "最多保存 2 个收货地址，请先删除不用的地址"
    save(member, "文三路 4 号", address_id=first)


def test_anothers_address_is_not_found() -> None:
    owner, other = a_member(), a_member(phone="13800000002")
    theirs = save(owner, "文三路 1 号")
    for act in (
        lambda: address(member_id=other.pk, address_id=theirs),
        lambda: save(other, "偷改的地址", address_id=theirs),
        lambda: delete_address(member_id=other.pk, address_id=theirs),
        lambda: make_default(member_id=other.pk, address_id=theirs),
    ):
        with pytest.raises(NotFound):
            act()
    assert book(owner) == [("文三路 1 号", True)]


def test_a_bad_address_changes_nothing() -> None:
    member = a_member()
    first = save(member, "文三路 1 号")
    with pytest.raises(InvalidInput):
        save(member, "", address_id=first)
    assert book(member) == [("文三路 1 号", True)]


def test_who_and_where_exactly_are_sealed_at_rest() -> None:
    save(a_member(), "文三路 1 号")
    stored = fetch_one("SELECT recipient, phone, detail, region, phone_last4 FROM members_address", {})
    assert stored is not None
    assert "周一诺" not in stored[0]
    assert "13800000001" not in stored[1]
    assert "文三路" not in stored[2]
    assert stored[3:] == ("浙江省 杭州市 西湖区", "0001")


def test_a_row_shows_the_phone_masked_too() -> None:
    member = a_member()
    row = address(member_id=member.pk, address_id=save(member, "文三路 1 号"))
    assert (row.phone, row.masked_phone, row.region_code) == ("13800000001", "138****0001", "330106")
    assert Address.objects.count() == 1
