"""One call tells a member: in the inbox exactly once by its key, elsewhere only as the member allows."""

from datetime import datetime

import pytest
from django.db import transaction

from config.core.db import TransactionMissing
from config.core.errors import InvalidInput
from config.core.time import SHANGHAI
from members.models import (
    Member,
    Message,
    MessageConsent,
    MessageDelivery,
    MessageEmail,
    MessageTemplate,
    SubscribeQuota,
)
from members.selectors.message_reach import preferences
from members.selectors.message_templates import UnknownTemplate
from members.services import message_choices as choices
from members.services import messages
from members.services.messages import Sending, send, send_many
from tests.members.factories import AT, a_member
from tests.members.messaging import (
    CONTEXT,
    a_marketing_template,
    a_way,
    agrees,
    by_email,
    delivery,
    on_wechat,
    only_message,
    states,
    tell,
)

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 11, 18, 23, 30, tzinfo=SHANGHAI)
MORNING = datetime(2026, 11, 19, 8, 0, tzinfo=SHANGHAI)


@pytest.fixture
def member() -> Member:
    return a_member(nickname="小杉")


def test_a_message_stands_in_the_inbox_in_words(member: Member) -> None:
    assert tell(member) is True
    told = only_message()
    assert (told.title, told.body) == ("100 积分到账", "购物返积分，获得 100 积分，已经可以使用。")
    assert (told.link, told.sent_at, told.read_at) == ("/points/", AT, None)
    assert states() == []


def test_the_same_key_is_told_once_whatever_it_says(member: Member) -> None:
    a_way("sms")
    assert tell(member) is True
    assert tell(member, points=7, reason="别的") is False
    assert only_message().title == "100 积分到账"
    assert states() == [("sms", "queued")]


def test_the_same_key_for_another_member_is_another_message(member: Member) -> None:
    other = a_member(phone="13800000002")
    assert [tell(member), tell(other)] == [True, True]


def test_a_batch_that_names_a_member_twice_tells_once(member: Member) -> None:
    one = Sending(member_id=member.pk, key="k", context=CONTEXT)
    with transaction.atomic():
        sent = send_many(template="points_gained", sendings=[one, one], at=AT)
    assert (sent.told, Message.objects.count()) == (1, 1)


def test_values_that_the_template_does_not_list_are_not_used(member: Member) -> None:
    MessageTemplate.objects.filter(code="points_gained").update(body="{reason}{phone}")
    tell(member, points=1, reason="x", phone="13800000001")
    assert only_message().body == "x—"


def test_every_template_may_name_the_member(member: Member) -> None:
    a_marketing_template()
    tell(member, template="promo")
    assert only_message().body == "小杉，大促开始了"


def test_a_template_that_is_off_tells_nobody(member: Member) -> None:
    MessageTemplate.objects.filter(code="points_gained").update(is_enabled=False)
    assert tell(member) is False
    assert Message.objects.count() == 0


def test_who_has_left_is_told_nothing(member: Member) -> None:
    Member.objects.filter(pk=member.pk).update(status="closed")
    assert tell(member) is False


def test_an_unknown_template_is_a_fault(member: Member) -> None:
    with pytest.raises(UnknownTemplate):
        tell(member, template="nothing")


def test_sending_needs_the_callers_transaction(member: Member, transactional_db: None) -> None:
    with pytest.raises(TransactionMissing):
        send(member_id=member.pk, template="points_gained", context=CONTEXT, key="k", at=AT)


def test_service_messages_leave_unless_switched_off(member: Member) -> None:
    a_way("sms")
    tell(member)
    assert (delivery().state, delivery().next_try_at) == ("queued", AT)
    assert delivery().payload["text"] == "购物返积分，获得 100 积分，已经可以使用。"
    choose(member, purpose="service", is_wanted=False)
    tell(member, key="k2")
    assert (delivery("k2").state, delivery("k2").reason) == ("suppressed", "会员未同意或已关闭")


def test_marketing_leaves_only_when_switched_on(member: Member) -> None:
    a_marketing_template()
    tell(member, template="promo")
    assert (delivery().state, delivery().reason) == ("suppressed", "会员未同意或已关闭")
    agrees(member)
    tell(member, template="promo", key="k2")
    assert delivery("k2").state == "queued"


def test_each_way_needs_an_address(member: Member) -> None:
    Member.objects.filter(pk=member.pk).update(phone="", phone_last4="", phone_index=None)
    for way in ("sms", "email", "wechat_subscribe", "wechat_official"):
        a_way(way)
    tell(member)
    assert [state for _, state in states()] == ["suppressed"] * 4
    assert delivery().reason == "会员没有绑定手机号"
    by_email(member)
    on_wechat(member)
    on_wechat(member, provider="wechat_official")
    tell(member, key="k2")
    assert [state for _, state in states()[4:]] == ["suppressed", "queued", "queued", "queued"]
    assert delivery("k2", "wechat_subscribe").payload["data"]["thing2"] == {"value": "购物返积分"}


def test_at_night_it_waits_for_the_morning_and_the_inbox_does_not(member: Member) -> None:
    a_way("sms")
    tell(member, at=NIGHT)
    assert (only_message().sent_at, delivery().next_try_at) == (NIGHT, MORNING)


def test_an_urgent_one_does_not_wait(member: Member) -> None:
    MessageTemplate.objects.filter(code="points_gained").update(is_urgent=True)
    a_way("sms")
    tell(member, at=NIGHT)
    assert delivery().next_try_at == NIGHT


def test_one_message_costs_three_queries(member: Member, django_assert_num_queries: object) -> None:
    with transaction.atomic(), django_assert_num_queries(3):  # type: ignore[operator]
        send(member_id=member.pk, template="points_gained", context=CONTEXT, key="k", at=AT)


def choose(member: Member, *, is_wanted: bool, way: str = "sms", purpose: str = "marketing") -> None:
    with transaction.atomic():
        choices.choose(member_id=member.pk, way=way, purpose=purpose, is_wanted=is_wanted, source="h5", at=AT)


def test_consent_keeps_every_change_and_the_latest_counts(member: Member) -> None:
    assert preferences(member_id=member.pk)["sms", "marketing"] is False
    for is_wanted in (True, True, False, True):
        choose(member, is_wanted=is_wanted)
        assert preferences(member_id=member.pk)["sms", "marketing"] is is_wanted
    rows = MessageConsent.objects.order_by("pk").values_list("given_at", "withdrawn_at")
    assert list(rows) == [(AT, AT), (AT, None)]


def test_what_was_on_by_default_can_be_switched_off_and_on(member: Member) -> None:
    choose(member, purpose="service", is_wanted=False)
    assert MessageConsent.objects.get().given_at is None
    choose(member, purpose="service", is_wanted=True)
    assert preferences(member_id=member.pk)["sms", "service"] is True
    assert MessageConsent.objects.count() == 2


def test_an_unknown_way_is_refused(member: Member) -> None:
    with pytest.raises(InvalidInput):
        choose(member, way="pigeon", is_wanted=True)


def test_each_yes_in_wechat_is_one_message_more(member: Member) -> None:
    a_way("wechat_subscribe")
    for _ in range(2):
        with transaction.atomic():
            choices.allow_subscriptions(member_id=member.pk, accepted=["tmpl", "tmpl"], refused=[], at=AT)
    assert SubscribeQuota.objects.get().remaining == 2
    with transaction.atomic():
        choices.allow_subscriptions(member_id=member.pk, accepted=[], refused=["tmpl"], at=AT)
    assert (SubscribeQuota.objects.get().remaining, SubscribeQuota.objects.get().refused_at) == (2, AT)


def test_a_template_of_somebody_elses_is_refused(member: Member) -> None:
    with pytest.raises(InvalidInput), transaction.atomic():
        choices.allow_subscriptions(member_id=member.pk, accepted=["theirs"], refused=[], at=AT)


def test_an_email_counts_once_its_link_was_opened(member: Member) -> None:
    a_way("email")
    with transaction.atomic():
        token = choices.set_email(member_id=member.pk, address=" shan@example.com ", at=AT)
    tell(member)
    assert delivery(way="email").reason == "会员没有确认过的邮箱"
    with transaction.atomic():
        choices.confirm_email(token=token, at=AT)
    tell(member, key="k2")
    assert delivery("k2", "email").state == "queued"


def test_a_link_for_an_address_that_was_changed_is_refused(member: Member) -> None:
    with transaction.atomic():
        token = choices.set_email(member_id=member.pk, address="a@example.com", at=AT)
        choices.set_email(member_id=member.pk, address="b@example.com", at=AT)
    for bad in (token, token + "x", ""):
        with pytest.raises(choices.EmailLinkInvalid), transaction.atomic():
            choices.confirm_email(token=bad, at=AT)
    with pytest.raises(InvalidInput), transaction.atomic():
        choices.set_email(member_id=member.pk, address="no address", at=AT)


def test_a_merge_brings_messages_and_allowances_along(member: Member) -> None:
    other = a_member(phone="13800000002")
    tell(member)
    tell(other)
    tell(other, key="k2")
    SubscribeQuota.objects.create(member=member, remote_id="t", remaining=1)
    SubscribeQuota.objects.create(member=other, remote_id="t", remaining=2)
    with transaction.atomic():
        messages.repoint(source_id=other.pk, target_id=member.pk)
    assert sorted(Message.objects.filter(member=member).values_list("key", flat=True)) == ["k", "k2"]
    assert SubscribeQuota.objects.get().remaining == 3


def test_who_leaves_is_forgotten(member: Member) -> None:
    a_way("sms")
    tell(member)
    agrees(member)
    by_email(member)
    on_wechat(member)
    with transaction.atomic():
        messages.forget(member_ids=[member.pk], at=AT)
    left = (Message, MessageDelivery, MessageEmail, SubscribeQuota)
    assert [model.objects.count() for model in left] == [0, 0, 0, 0]
    assert set(MessageConsent.objects.values_list("member_id", "withdrawn_at")) == {(member.pk, AT)}
