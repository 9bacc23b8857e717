"""Closing an account: asked for, taken back, done for good; and nobody is left in the database."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import CharField, JSONField, TextField

from config.back_office.models import StaffDeed
from config.core.crypto import DecryptionFailed, EncryptedTextField, decrypt
from config.core.staff_history import staff_at_work
from config.outbox.models import IdempotencyKey
from config.outbox.models import Message as Fact
from mall.models import Order
from members.models import (
    Closing,
    DevMessage,
    Identity,
    Interest,
    Member,
    MemberTag,
    MessageEmail,
    MessageTemplate,
    Reveal,
    Tag,
    Tombstone,
    User,
)
from members.models import Message as InboxMessage
from members.rules.addresses import AddressForm
from members.services import closing, data_exports, tags
from members.services.addresses import save_address
from members.services.adjustments import adjust_points
from members.services.profiles import ProfileChange, save_profile
from members.services.registration import MemberFrozen, register_by_phone
from members.services.reveals import reveal
from points import ledger
from tests.mall.builders import a_paid_order, a_sku
from tests.members.factories import AT, a_clerk, a_member

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)
PHONE = "13987651234"
SECRETS = (
    PHONE,
    "秘密昵称",
    "秘密姓名",
    "秘密收货人",
    "秘密路 77 号",
    "o-secret-openid",
    "秘密留言",
    "秘密原因",
    "a@secret.example",
)


def ask(member: Member, at: Any = AT) -> Closing:
    closing.ask_to_close(member_id=member.pk, channel="h5", at=at)
    return Closing.objects.get(member=member, taken_back_at=None)


def earn(member: Member, points: int = 80) -> None:
    ledger.earn(account=member.points_account_id, points=points, key="k", source="s", at=AT)


def an_order(member: Member) -> Order:
    """A paid order of one piece, on its way to an address of the member's."""
    address = AddressForm(recipient="秘密收货人", phone=PHONE, region_code="330106", detail="秘密路 77 号")
    save_address(member_id=member.pk, form=address, at=AT)
    return a_paid_order(member, (a_sku(), 1))


def status(member: Member) -> str:
    return Member.objects.get(pk=member.pk).status


def test_an_account_is_closed_a_week_after_it_was_asked_for_and_points_are_given_up() -> None:
    member = a_member()
    earn(member)
    wish = ask(member)
    assert (wish.due_at, status(member)) == (AT + WEEK, "closing")
    assert closing.due(at=AT + WEEK - timedelta(seconds=1)).closing_ids == ()
    assert closing.close(closing_id=wish.pk, at=AT + WEEK - timedelta(seconds=1)) is False
    assert closing.due(at=AT + WEEK).closing_ids == (wish.pk,)
    assert closing.close(closing_id=wish.pk, at=AT + WEEK) is True
    wish.refresh_from_db()
    assert (wish.points, wish.done_at, status(member)) == (80, AT + WEEK, "closed")
    assert ledger.balance(account=member.points_account_id, at=AT + WEEK).spendable == 0
    assert ledger.audit() == []
    assert closing.close(closing_id=wish.pk, at=AT + WEEK) is False


def test_a_wish_taken_back_changes_nothing_and_may_come_again() -> None:
    member = a_member()
    earn(member)
    wish = ask(member)
    closing.take_back(member_id=member.pk, at=AT + WEEK)
    assert status(member) == "active"
    assert closing.close(closing_id=wish.pk, at=AT + WEEK) is False
    with pytest.raises(closing.NotClosing):
        closing.take_back(member_id=member.pk, at=AT)
    assert ask(member, AT + WEEK).pk != wish.pk
    with pytest.raises(closing.AlreadyClosing):
        ask(member, AT + WEEK)


def test_who_asks_twice_reads_the_day_as_it_is_in_shanghai() -> None:
    member, evening = a_member(), datetime(2026, 11, 22, 17, 0, tzinfo=UTC)  # one in the morning of the 23rd there
    ask(member, evening)
    with pytest.raises(closing.AlreadyClosing, match="将于 2026-11-30 生效"):
        ask(member, evening)


def test_who_was_frozen_meanwhile_does_not_thaw_by_leaving_and_staying() -> None:
    member = a_member()
    Member.objects.filter(pk=member.pk).update(status="frozen")
    with pytest.raises(MemberFrozen):
        ask(member)
    with pytest.raises(closing.NotClosing):
        closing.take_back(member_id=member.pk, at=AT)
    assert (status(member), Closing.objects.count()) == ("frozen", 0)


def test_what_is_under_way_must_end_first() -> None:
    member = a_member()
    an_order(member)
    assert closing.what_is_lost(member_id=member.pk, at=AT).matters == ("还有 1 个订单没有完成",)
    with pytest.raises(closing.MattersOpen) as refusal:
        ask(member)
    assert (refusal.value.text, status(member)) == ("还不能注销：还有 1 个订单没有完成", "active")


def test_what_came_up_meanwhile_makes_the_closing_wait() -> None:
    member = a_member()
    order = an_order(member)
    Order.objects.filter(pk=order.pk).update(status="cancelled", cancelled_at=AT)
    wish = ask(member)
    Order.objects.filter(pk=order.pk).update(status="paid")
    assert closing.close(closing_id=wish.pk, at=AT + WEEK) is False
    wish.refresh_from_db()
    assert (wish.waits_for, wish.done_at, status(member)) == ("还有 1 个订单没有完成", None, "closing")
    Order.objects.filter(pk=order.pk).update(status="cancelled", cancelled_at=AT)
    assert closing.close(closing_id=wish.pk, at=AT + WEEK) is True


def test_a_member_frozen_meanwhile_is_not_erased() -> None:
    member = a_member()
    wish = ask(member)
    Member.objects.filter(pk=member.pk).update(status="frozen")
    assert closing.close(closing_id=wish.pk, at=AT + WEEK) is False
    assert Member.objects.get(pk=member.pk).phone == "13800000001"


def test_whoever_comes_back_is_a_member_but_no_newcomer() -> None:
    member = a_member()
    closing.close(closing_id=ask(member).pk, at=AT + WEEK)
    again = register_by_phone(phone="13800000001", channel="h5", at=AT + 2 * WEEK)
    assert (again.is_new, again.member_id != member.pk) == (True, True)
    fact = Fact.objects.filter(event="members.MemberRegistered").latest("pk")
    assert (fact.payload["member_id"], fact.payload["is_returning"]) == (again.member_id, True)
    other = register_by_phone(phone="13800000002", channel="h5", at=AT)
    assert Fact.objects.latest("pk").payload["is_returning"] is False
    assert other.is_new


def fill(member: Member) -> None:
    """Everything that this shop may come to know of a member, with words that a search would find."""
    clerk = a_clerk()
    interest = Interest.objects.create(name="茶")
    change = ProfileChange(
        nickname="秘密昵称", birthday="1990-05-20", gender="female", region_code="330106", interests=[interest.pk]
    )
    save_profile(member_id=member.pk, change=change, at=AT)
    Identity.objects.create(
        member=member, provider="wechat_mini", openid="o-secret-openid", openid_index="f" * 64, created_at=AT
    )
    adjust_points(member_id=member.pk, points=10, text="秘密原因", operator_id=clerk.pk, key="a", at=AT)
    adjust_points(member_id=member.pk, points=50_000, text="秘密原因", operator_id=clerk.pk, key="b", at=AT)
    reveal(member_id=member.pk, what="phone", reason="秘密原因", operator_id=clerk.pk, at=AT)
    _fill_what_staff_wrote(member, clerk)
    _fill_messages(member)
    order = an_order(member)
    order.buyer_note = "秘密留言"
    order.status, order.completed_at, order.received_at, order.shipped_at = "completed", AT, AT, AT
    order.save()


def _fill_what_staff_wrote(member: Member, clerk: User) -> None:
    row = Member.objects.get(pk=member.pk)
    with staff_at_work(clerk):
        row.name, row.nickname = "秘密姓名", "秘密昵称 2"
        row.save()
    StaffDeed.objects.create(
        at=AT,
        user=clerk,
        kind="change",
        model="members.member",
        object_id=str(member.pk),
        label="秘密昵称（1）",
        text="秘密原因",
        changes=[["昵称", "秘密昵称", "秘密昵称 2"]],
    )
    LogEntry.objects.create(
        user=clerk,
        content_type=ContentType.objects.get_for_model(Member),
        object_id=str(member.pk),
        object_repr="秘密昵称",
        action_flag=CHANGE,
        change_message="秘密原因",
    )


def _fill_messages(member: Member) -> None:
    template = MessageTemplate.objects.order_by("pk")[0]
    InboxMessage.objects.create(
        member=member, template=template, key="k", title="秘密昵称你好", body="寄到 秘密路 77 号", sent_at=AT
    )
    MessageEmail.objects.create(member=member, address="a@secret.example", asked_at=AT)
    DevMessage.objects.create(recipient=PHONE, text="验证码", sent_at=AT)
    IdempotencyKey.objects.create(
        scope=f"user:{member.user_id}", key="k", fingerprint="f", body=json.dumps({"phone": PHONE}), created_at=AT
    )


def text_columns() -> list[tuple[str, str, Any]]:
    """Every column of every table that may hold text: (table, column, field)."""
    return [
        (model._meta.db_table, field.column, field)
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.local_concrete_fields
        if isinstance(field, CharField | TextField | JSONField) and model._meta.managed
    ]


def where_is(secrets: tuple[str, ...]) -> set[str]:
    """The columns in which one of these texts stands, in clear or sealed."""
    found = set()
    with connection.cursor() as cursor:
        for table, column, field in text_columns():
            cursor.execute(f'SELECT "{column}"::text FROM "{table}" WHERE "{column}" IS NOT NULL')
            for (value,) in cursor.fetchall():
                text = _opened(value, field) if isinstance(field, EncryptedTextField) else _readable(value)
                if any(secret in text for secret in secrets):
                    found.add(f"{table}.{column}")
    return found


def _opened(value: str, field: EncryptedTextField) -> str:
    try:
        return decrypt(value, context=field.context) if value else ""
    except DecryptionFailed:
        return value


def _readable(value: str) -> str:
    """JSON may hold Chinese as escapes."""
    try:
        return value + json.dumps(json.loads(value), ensure_ascii=False)
    except ValueError:
        return value


def test_after_the_closing_no_column_of_the_database_names_the_person() -> None:
    member = a_member(phone=PHONE)
    fill(member)
    before = where_is(SECRETS)
    assert before >= {
        "members_member.phone",
        "members_member.name",
        "members_address.detail",
        "members_identity.openid",
        "members_historicalmember.nickname",
        "members_pointsnote.text",
        "members_adjustmentrequest.text",
        "members_reveal.reason",
        "members_message.body",
        "mall_order.recipient_phone",
        "mall_order.buyer_note",
        "back_office_staffdeed.changes",
        "django_admin_log.change_message",
        "outbox_idempotencykey.body",
    }, "the search would not find what it must not find later"
    assert closing.close(closing_id=ask(member).pk, at=AT + WEEK) is True
    assert where_is(SECRETS) == set()
    row = Member.objects.get(pk=member.pk)
    assert (row.birthday, row.birthday_month_day, row.birth_year, row.region_code, row.gender) == ("", "", None, "", "")
    assert (row.phone_index, row.phone_last4, row.nickname, row.avatar) == (None, "", "已注销会员", "person")
    assert {stone.purpose for stone in Tombstone.objects.all()} == {"phone", "wechat_mini"}
    assert Tombstone.objects.get(purpose="phone").index == member.phone_index
    assert ledger.audit() == []


def test_orders_points_and_deeds_stay_without_a_name() -> None:
    member = a_member(phone=PHONE)
    fill(member)
    entries = ledger.balance(account=member.points_account_id, at=AT).spendable
    closing.close(closing_id=ask(member).pk, at=AT + WEEK)
    order = Order.objects.get(member=member)
    assert (order.recipient, order.address, order.payable_cents > 0) == ("", "", True)
    assert entries > 0
    deed = StaffDeed.objects.get(model="members.member")
    assert (deed.label, deed.text, deed.changes, deed.user.username) == ("已注销会员", "（已注销）", [], "clerk")
    assert Reveal.objects.get().what == "phone"


def test_duplicates_that_were_merged_go_along() -> None:
    member, twin = a_member(), a_member(phone=PHONE)
    Member.objects.filter(pk=twin.pk).update(
        merged_into=member, merged_at=AT, status="closed", user=None, nickname="秘密昵称"
    )
    closing.close(closing_id=ask(member).pk, at=AT + WEEK)
    assert where_is(("秘密昵称", PHONE)) == set()
    assert Tombstone.objects.count() == 2


def test_a_copy_of_the_data_goes_with_the_account(settings: Any, tmp_path: Any) -> None:
    settings.PRIVATE_ROOT = tmp_path
    member = a_member()
    export = data_exports.ask_for_copy(member_id=member.pk, at=AT)
    data_exports.make_copy(export_id=export, at=AT)
    closing.close(closing_id=ask(member).pk, at=AT + WEEK)
    assert Member.objects.get(pk=member.pk).data_exports.get().status == "gone"


def test_a_tag_goes_with_the_member_and_stays_for_others() -> None:
    member, other, clerk = a_member(), a_member(phone="13800000003"), a_clerk()
    tag = Tag.objects.create(name="VIP")
    tags.put_tag(tag_id=tag.pk, member_ids=[member.pk, other.pk], operator_id=clerk.pk, at=AT)
    closing.close(closing_id=ask(member).pk, at=AT + WEEK)
    assert list(MemberTag.objects.values_list("member_id", flat=True)) == [other.pk]
