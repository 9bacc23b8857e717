"""Two members who are one person become one; the preview says exactly what happens."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from config.core.errors import NotFound
from config.outbox.models import Message
from members.models import Address, AdjustmentRequest, Identity, Member, PointsNote, TierChange
from members.rules.addresses import AddressForm
from members.selectors.addresses import addresses
from members.services import api_tokens
from members.services.addresses import save_address
from members.services.adjustments import MemberMerged, adjust_points
from members.services.approvals import approve
from members.services.growth import post_growth, reverse_growth
from members.services.imports import ImportedMember, create_members
from members.services.merging import MemberNotActive, PointsHeld, SameMember, merge_members, preview_merge
from members.services.registration import register_by_phone
from members.services.sign_in import log_in_of
from points import ledger
from tests.members.factories import AT, PHONE, a_clerk, a_member

pytestmark = pytest.mark.django_db
OTHER = "13800000002"
LATER = AT + timedelta(days=1)


@pytest.fixture
def target() -> Member:
    return a_member(phone=PHONE, nickname="小杉")


@pytest.fixture
def source() -> Member:
    return a_member(phone=OTHER, nickname="小杉二")


def from_the_till() -> Member:
    """A member whom the till alone knows: no phone, no log-in."""
    ids = create_members(rows=[ImportedMember(source="till", external_ref="7", registered_at=AT)], at=AT)
    return Member.objects.get(pk=ids["7"])


def earn(member: Member, points: int, *, key: str = "e", days: int | None = 30) -> ledger.Entry:
    expires_at = None if days is None else AT + timedelta(days=days)
    return ledger.earn(
        account=member.points_account_id, points=points, key=key, source="order:1", at=AT, expires_at=expires_at
    )


def merge(source: Member, target: Member) -> Member:
    merge_members(source_id=source.pk, target_id=target.pk, at=LATER)
    source.refresh_from_db()
    target.refresh_from_db()
    return target


def test_points_move_with_their_expiry_and_growth_adds_up(source: Member, target: Member) -> None:
    earn(target, 100, days=30)
    earn(source, 50, days=10)
    earn(source, 7, key="forever", days=None)
    post_growth(member_id=target.pk, points=600, key="g", source="order:1", at=AT, cause="order:1")
    post_growth(member_id=source.pk, points=500, key="g", source="order:2", at=AT, cause="order:2")
    merge(source, target)
    balance = ledger.balance(account=target.points_account_id, at=LATER)
    assert (balance.spendable, balance.lapsing) == (
        157,
        [(AT + timedelta(days=10), 50), (AT + timedelta(days=30), 100)],
    )
    assert ledger.balance(account=target.growth_account_id, at=LATER).spendable == 1100
    assert target.tier.code == "silver"
    assert TierChange.objects.get(member=target).cause == f"merge:{source.pk}"
    assert ledger.audit() == []


def test_the_duplicate_is_closed_and_says_where_it_went(source: Member, target: Member) -> None:
    merge(source, target)
    assert (source.status, source.merged_into_id, source.merged_at, source.user_id) == (
        "closed",
        target.pk,
        LATER,
        None,
    )
    message = Message.objects.get(event="members.MembersMerged")
    assert message.stream == f"member:{target.pk}"
    assert (message.payload["member_id"], message.payload["source_member_id"]) == (target.pk, source.pk)


def test_both_phones_lead_to_the_target(source: Member, target: Member) -> None:
    merge(source, target)
    for phone in (PHONE, OTHER):
        assert register_by_phone(phone=phone, channel="h5", at=LATER) == (target.pk, False)
    assert target.phone == PHONE


def test_a_target_without_phone_and_log_in_takes_them_over(source: Member) -> None:
    target, user_id = from_the_till(), source.user_id
    assert user_id is not None
    token = api_tokens.issue(user_id=user_id, at=AT)
    merge(source, target)
    assert (target.phone, target.phone_last4, target.user_id) == (OTHER, "0002", user_id)
    assert (source.phone, source.phone_index) == ("", None)
    assert register_by_phone(phone=OTHER, channel="h5", at=LATER).member_id == target.pk
    assert target.user is not None
    assert target.user.auth_token_set.filter(token_key=token.text[:15]).count() == 1


def test_the_log_in_of_the_duplicate_ends_when_the_target_has_one(source: Member, target: Member) -> None:
    user = source.user
    assert user is not None
    api_tokens.issue(user_id=user.pk, at=AT)
    own = target.user_id
    merge(source, target)
    user.refresh_from_db()
    assert (user.is_active, user.auth_token_set.count(), target.user_id) == (False, 0, own)
    assert log_in_of(member_id=target.pk) == own


def test_addresses_openids_notes_and_waiting_requests_move_and_one_default_stays(
    source: Member, target: Member
) -> None:
    clerk = a_clerk()
    for member in (source, target):
        form = AddressForm(recipient="周一诺", phone=PHONE, region_code="330106", detail="文三路 1 号", is_default=True)
        save_address(member_id=member.pk, form=form, at=AT)
        Identity.objects.create(
            member=member, provider="wechat", openid="o", openid_index=f"i{member.pk}", created_at=AT
        )
    adjust_points(member_id=source.pk, points=5, text="补偿", operator_id=clerk.pk, key="a", at=AT)
    asked = adjust_points(member_id=source.pk, points=20_000, text="补偿", operator_id=clerk.pk, key="b", at=AT)
    moved = merge_members(source_id=source.pk, target_id=target.pk, at=LATER)
    assert moved is not None
    assert (moved.addresses, moved.identities, moved.adjustment_requests, moved.has_log_in) == (1, 1, 1, True)
    assert [row.is_default for row in addresses(member_id=target.pk)] == [True, False]
    assert Identity.objects.filter(member=target).count() == 2
    assert PointsNote.objects.get().member_id == target.pk
    assert asked.request_id is not None
    approve(request_id=asked.request_id, approver_id=a_clerk("other").pk, at=LATER)
    assert ledger.balance(account=target.points_account_id, at=LATER).spendable == 20_005
    assert AdjustmentRequest.objects.get().member_id == target.pk


def test_the_higher_tier_of_both_stays(source: Member, target: Member) -> None:
    entry = post_growth(member_id=source.pk, points=5000, key="g", source="order:2", at=AT, cause="order:2")
    Member.objects.filter(pk=source.pk).update(tier_id=Member.objects.get(pk=source.pk).tier_id)
    ledger.reverse(entry=entry.id, key="r", at=AT)  # a gold member by grace: the growth is gone
    merge(source, target)
    assert target.tier.code == "gold"


def test_what_comes_later_for_the_duplicate_reaches_the_target(source: Member, target: Member) -> None:
    earned = earn(source, 50)
    growth = post_growth(member_id=source.pk, points=1000, key="g", source="order:2", at=AT, cause="order:2")
    merge(source, target)
    assert target.tier.code == "silver"
    ledger.reverse(entry=earned.id, key="r", at=LATER, points=20)
    reverse_growth(member_id=source.pk, entry_id=growth.id, key="rg", at=LATER, cause="refund:1")
    post_growth(member_id=source.pk, points=10, key="g2", source="order:3", at=LATER, cause="order:3")
    target.refresh_from_db()
    assert ledger.balance(account=target.points_account_id, at=LATER).spendable == 30
    assert (target.tier.code, ledger.balance(account=target.growth_account_id, at=LATER).spendable) == ("bronze", 10)
    assert earn(source, 50).id == earned.id
    assert ledger.audit() == []


def test_a_till_that_knows_the_duplicate_is_led_to_the_target(target: Member) -> None:
    source = from_the_till()
    merge(source, target)
    row = ImportedMember(source="till", external_ref="7", registered_at=AT)
    assert create_members(rows=[row], at=LATER) == {"7": target.pk}


def test_a_duplicate_of_a_duplicate_leads_to_the_last(source: Member, target: Member) -> None:
    third = a_member(phone="13800000003")
    merge(source, target)
    merge(target, third)
    source.refresh_from_db()
    assert source.merged_into_id == third.pk
    assert register_by_phone(phone=OTHER, channel="h5", at=LATER).member_id == third.pk


def test_merging_again_changes_nothing(source: Member, target: Member) -> None:
    earn(source, 50)
    merge(source, target)
    assert merge_members(source_id=source.pk, target_id=target.pk, at=LATER) is None
    assert Message.objects.filter(event="members.MembersMerged").count() == 1
    assert ledger.balance(account=target.points_account_id, at=LATER).spendable == 50


def test_what_can_not_be_merged_is_refused_and_nothing_is_written(source: Member, target: Member) -> None:
    with pytest.raises(SameMember):
        merge_members(source_id=source.pk, target_id=source.pk, at=LATER)
    with pytest.raises(NotFound):
        merge_members(source_id=10**12, target_id=target.pk, at=LATER)
    Member.objects.filter(pk=source.pk).update(status="frozen")
    with pytest.raises(MemberNotActive, match="已冻结"):
        merge_members(source_id=source.pk, target_id=target.pk, at=LATER)
    with pytest.raises(MemberNotActive):
        merge_members(source_id=target.pk, target_id=source.pk, at=LATER)
    assert not Message.objects.filter(event="members.MembersMerged").exists()


@pytest.mark.parametrize("is_source", [True, False])
def test_points_of_an_unpaid_order_are_waited_for(source: Member, target: Member, is_source: bool) -> None:
    holder = source if is_source else target
    earn(holder, 50)
    ledger.hold(account=holder.points_account_id, points=10, key="h", source="order:2", until=LATER, at=AT)
    with pytest.raises(PointsHeld, match=holder.number):
        merge_members(source_id=source.pk, target_id=target.pk, at=LATER)


def test_a_merged_member_is_neither_source_nor_target_and_gets_no_adjustment(source: Member, target: Member) -> None:
    third = a_member(phone="13800000003")
    merge(source, target)
    for one, other in ((source, third), (third, source)):
        with pytest.raises(MemberMerged, match=target.number):
            merge_members(source_id=one.pk, target_id=other.pk, at=LATER)
    with pytest.raises(MemberMerged):
        adjust_points(member_id=source.pk, points=5, text="补偿", operator_id=a_clerk().pk, key="a", at=LATER)


def test_the_preview_tells_what_the_merge_then_does_and_changes_nothing(source: Member, target: Member) -> None:
    earn(target, 100, days=30)
    earn(source, 50, days=10)
    owed = earn(source, 30, key="x")
    ledger.spend(account=source.points_account_id, points=80, key="s", source="order:5", at=AT)
    ledger.reverse(entry=owed.id, key="r", at=AT)
    post_growth(member_id=source.pk, points=1000, key="g", source="order:2", at=AT, cause="order:2")
    Member.objects.filter(pk=source.pk).update(name="周一诺")
    before = list(Member.objects.order_by("pk").values())
    preview = preview_merge(source_id=source.pk, target_id=target.pk, at=LATER)
    assert (preview.source.points.arrears, preview.target.points.spendable) == (30, 100)
    assert (preview.after.points.spendable, preview.after.points.arrears) == (70, 0)
    assert (preview.after.growth, preview.after.member.tier.code) == (1000, "silver")
    assert preview.takes_over == ("name",)
    assert list(Member.objects.order_by("pk").values()) == before
    assert not Message.objects.filter(event="members.MembersMerged").exists()
    merge(source, target)
    assert ledger.balance(account=target.points_account_id, at=LATER) == preview.after.points
    assert (target.tier.code, target.name) == ("silver", "周一诺")
    with pytest.raises(MemberMerged):
        preview_merge(source_id=source.pk, target_id=target.pk, at=LATER)


def test_the_database_keeps_a_merged_member_closed(source: Member, target: Member) -> None:
    merge(source, target)
    for change in ({"status": "active"}, {"merged_at": None}, {"user": a_clerk()}):
        with pytest.raises(IntegrityError, match="member_merged_is_closed"), transaction.atomic():
            Member.objects.filter(pk=source.pk).update(**change)
    with pytest.raises(IntegrityError, match="member_not_merged_into_itself"), transaction.atomic():
        Member.objects.filter(pk=source.pk).update(merged_into=source.pk)
    assert Address.objects.count() == 0
