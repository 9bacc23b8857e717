"""On the way out: claimed first, called once, settled; tried again only when it certainly did not arrive."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction

from config.core.db import edge_transaction
from config.core.time import SHANGHAI
from members.messaging import worker
from members.models import DevMessage, Member, MessageTemplate, SubscribeQuota
from members.rules.outcomes import MOST_ATTEMPTS, Outcome, Result
from members.services import message_choices as choices
from members.services import message_deliveries as deliveries
from tests.members.factories import AT, a_member
from tests.members.messaging import (
    SENT,
    Answering,
    a_marketing_template,
    a_way,
    agrees,
    answering,
    deliver,
    delivery,
    later,
    on_wechat,
    states,
    tell,
)

__all__ = ["answering"]
pytestmark = pytest.mark.django_db(transaction=True)
FAILED = Outcome(result=Result.TRY_AGAIN, reason="短信平台繁忙")


@pytest.fixture
def member() -> Member:
    member = a_member()
    a_way("sms")
    return member


def test_it_is_handed_over_once_and_sent(member: Member, answering: Answering) -> None:
    provider = answering("sms")
    tell(member)
    assert [deliver(), deliver()] == [1, 0]
    claim = provider.claims[0]
    assert (claim.address, claim.payload["text"][:5], claim.attempt) == ("13800000001", "购物返积分", 1)
    row = delivery()
    assert (row.state, row.provider_ref, row.attempts, row.finished_at) == ("sent", "m1", 1, AT)


def test_the_claim_is_committed_before_the_call(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def look(**_: object) -> Outcome:
        with edge_transaction():  # it would be refused inside the claim's transaction
            seen.append(delivery().state)
        return SENT

    monkeypatch.setattr(worker, "SENDERS", {**worker.SENDERS, "sms": look})
    tell(member)
    deliver()
    assert seen == ["claimed"]


def test_a_crash_in_between_leaves_unknown_and_nobody_sends_it_again(member: Member, answering: Answering) -> None:
    answering("sms", KeyboardInterrupt())  # the process ends in the middle of the call
    tell(member)
    with pytest.raises(KeyboardInterrupt):
        deliver()
    assert delivery().state == "claimed"
    provider = answering("sms")
    assert deliver(at=later(minutes=9)) == 0
    assert delivery().state == "claimed"
    assert deliver(at=later(minutes=11)) == 0
    assert (delivery().state, delivery().reason) == ("unknown", "发送途中中断，不知道是否已送达")
    assert deliver(at=later(days=2)) == 0
    assert provider.claims == []


def test_an_answer_that_comes_after_it_was_given_up_still_counts(member: Member) -> None:
    tell(member)
    with transaction.atomic():
        claim = deliveries.claim_next(at=AT)
    assert isinstance(claim, deliveries.Claim)
    with transaction.atomic():
        assert deliveries.give_up_claims(at=later(minutes=11)) == 1
        deliveries.settle(claim=claim, outcome=SENT, at=later(minutes=12))
    assert delivery().state == "sent"


def test_an_error_that_nobody_foresaw_is_unknown(member: Member, answering: Answering) -> None:
    answering("sms", ValueError("13800000001"))
    tell(member)
    deliver()
    assert (delivery().state, delivery().reason) == ("unknown", "发送时出错（ValueError）")


def test_a_definite_failure_is_tried_again_later_and_later_until_it_is_a_dead_letter(
    member: Member, answering: Answering
) -> None:
    answering("sms", FAILED)
    tell(member)
    at, waits = AT, []
    while delivery().state != "failed":
        deliver(at=at)
        row = delivery()
        if row.next_try_at:
            waits.append(row.next_try_at - at)
            at = row.next_try_at
    assert waits == [timedelta(minutes=minutes) for minutes in (1, 5, 25, 120)]
    assert (delivery().attempts, delivery().reason) == (MOST_ATTEMPTS, "短信平台繁忙")
    assert deliver(at=later(days=3)) == 0


def test_a_refusal_for_good_is_not_tried_again(member: Member, answering: Answering) -> None:
    answering("sms", Outcome(result=Result.REFUSED, reason="黑名单"))
    tell(member)
    deliver()
    assert (delivery().state, delivery().attempts) == ("failed", 1)


def test_who_switches_it_off_meanwhile_gets_nothing(member: Member, answering: Answering) -> None:
    provider = answering("sms")
    tell(member)
    with transaction.atomic():
        choices.choose(member_id=member.pk, way="sms", purpose="service", is_wanted=False, source="h5", at=AT)
    assert deliver() == 0
    assert (delivery().state, delivery().reason) == ("suppressed", "会员已关闭这类消息")
    assert provider.claims == []


@pytest.mark.parametrize("status", ["frozen", "closed"])
def test_who_is_frozen_or_gone_meanwhile_gets_nothing(member: Member, answering: Answering, status: str) -> None:
    answering("sms")
    tell(member)
    Member.objects.filter(pk=member.pk).update(status=status)
    deliver()
    assert delivery().reason == "会员账号已冻结或注销"


def test_a_retry_that_falls_into_the_night_waits_for_the_morning(member: Member, answering: Answering) -> None:
    answering("sms", FAILED, SENT)
    evening = datetime(2026, 11, 18, 21, 59, 30, tzinfo=SHANGHAI)
    tell(member, at=evening)
    deliver(at=evening)
    assert deliver(at=evening + timedelta(minutes=2)) == 0
    morning = datetime(2026, 11, 19, 8, tzinfo=SHANGHAI)
    assert delivery().next_try_at == morning
    assert deliver(at=morning) == 1
    assert delivery().state == "sent"


def test_marketing_stops_at_the_cap_of_the_day_and_of_the_week(answering: Answering) -> None:
    member = a_member()
    a_marketing_template()
    agrees(member)
    answering("sms")
    for day in range(4):  # AT is a Wednesday: two days of two, then one until five
        for number in range(3):
            tell(member, template="promo", key=f"{day}:{number}", at=later(days=day))
        deliver(at=later(days=day))
    assert [state for _, state in states()].count("sent") == 5
    assert delivery("0:2").reason == "超过每位会员的发送次数上限"
    tell(member, template="promo", key="next week", at=later(days=5))
    deliver(at=later(days=5))
    assert delivery("next week").state == "sent"


def test_service_messages_have_a_cap_of_their_own_and_urgent_ones_none(
    member: Member, answering: Answering, settings: object
) -> None:
    settings.POLICIES = {"service_messages_per_day": 1}  # type: ignore[attr-defined]
    answering("sms")
    tell(member, key="a")
    tell(member, key="b")
    deliver()
    assert [state for _, state in states()] == ["sent", "suppressed"]
    MessageTemplate.objects.filter(code="points_gained").update(is_urgent=True)
    tell(member, key="c")
    deliver()
    assert delivery("c").state == "sent"


def test_each_allowance_in_wechat_is_one_message(answering: Answering) -> None:
    member = a_member()
    a_way("wechat_subscribe")
    on_wechat(member, times=1)
    answering("wechat_subscribe")
    tell(member, key="a")
    tell(member, key="b")
    deliver()
    assert [state for _, state in states()] == ["sent", "suppressed"]
    assert delivery("b", "wechat_subscribe").reason == "没有剩余的订阅次数"


def test_a_member_who_refuses_in_wechat_is_noted_and_not_asked_again(answering: Answering) -> None:
    member = a_member()
    a_way("wechat_subscribe")
    on_wechat(member, times=3)
    answering("wechat_subscribe", Outcome(result=Result.UNWANTED, reason="会员没有订阅，或已拒收（43101）"))
    tell(member)
    deliver()
    quota = SubscribeQuota.objects.get()
    assert (quota.remaining, quota.refused_at) == (0, AT)
    assert delivery(way="wechat_subscribe").state == "suppressed"
    assert deliver(at=later(days=1)) == 0


def test_an_allowance_that_wechat_did_not_use_comes_back(answering: Answering) -> None:
    member = a_member()
    a_way("wechat_subscribe")
    on_wechat(member, times=1)
    answering("wechat_subscribe", FAILED, SENT)
    tell(member)
    deliver()
    assert SubscribeQuota.objects.get().remaining == 1
    deliver(at=later(minutes=2))
    assert (delivery(way="wechat_subscribe").state, SubscribeQuota.objects.get().remaining) == ("sent", 0)


def test_what_failed_is_sent_again_by_staff(member: Member, answering: Answering) -> None:
    answering("sms", Outcome(result=Result.REFUSED, reason="x"), SENT)
    tell(member)
    deliver()
    with transaction.atomic():
        deliveries.resend(delivery_id=delivery().pk, at=later(hours=1))
    deliver(at=later(hours=1))
    assert delivery().state == "sent"
    with pytest.raises(deliveries.NotResendable), transaction.atomic():
        deliveries.resend(delivery_id=delivery().pk, at=later(hours=2))


def test_what_nobody_knows_about_is_sent_again_only_by_who_is_sure(member: Member, answering: Answering) -> None:
    answering("sms", Outcome(result=Result.UNKNOWN), SENT)
    tell(member)
    deliver()
    with pytest.raises(deliveries.MayHaveArrived), transaction.atomic():
        deliveries.resend(delivery_id=delivery().pk, at=AT)
    with transaction.atomic():
        deliveries.resend(delivery_id=delivery().pk, at=AT, is_sure=True)
    deliver()
    assert delivery().state == "sent"


def test_the_console_sender_shows_it_in_the_dev_inbox(member: Member, settings: object) -> None:
    settings.SMS_SENDER, settings.DEV_INBOX = "console", True  # type: ignore[attr-defined]
    tell(member)
    assert deliver() == 1
    assert DevMessage.objects.get().text == "购物返积分，获得 100 积分，已经可以使用。"
