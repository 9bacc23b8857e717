"""From registration to the reward: paid, completed, past the wait, refunded; and what does not count."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from members.models import ChannelOrder, Invitation, Member
from members.rules.invitations import Touch
from members.services import channels, traces
from tests.members.factories import AT
from tests.members.invitations.scenes import (
    DAY,
    HOUR,
    a_channel,
    a_newcomer,
    completed,
    paid,
    refunded,
    somebody,
    swept,
    told,
    touch_of,
)

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


def test_the_first_order_is_rewarded_when_its_wait_is_over_and_not_before() -> None:
    invitation = completed(paid(a_newcomer(somebody())))
    assert (invitation.state, invitation.reward_due_at) == ("completed", AT + DAY + WEEK)
    assert swept(invitation, AT + DAY + WEEK - HOUR).state == "completed"
    assert told("InviteeFirstOrder") == []
    assert swept(invitation, AT + DAY + WEEK).state == "rewarded"
    assert swept(invitation, AT + DAY + WEEK + HOUR).rewarded_at == AT + DAY + WEEK
    assert told("InviteeFirstOrder") == [
        {
            "invitation_id": invitation.pk,
            "inviter_id": invitation.inviter_id,
            "order_id": 1,
            "cents": 19900,
            "paid_at": (AT + HOUR),
            "at": (AT + DAY + WEEK),
        }
    ]


def test_without_a_wait_the_reward_comes_with_completion(settings: Any) -> None:
    settings.POLICIES = {"invitation_return_days": 0}
    assert completed(paid(a_newcomer(somebody()))).state == "rewarded"
    assert len(told("InviteeFirstOrder")) == 1


def test_only_the_first_order_with_cash_for_goods_is_followed() -> None:
    invitation = a_newcomer(somebody())
    assert paid(invitation, order_id=7, cents=0).state == "registered"
    assert paid(invitation, order_id=8).first_order_id == 8
    assert paid(invitation, order_id=9, cents=5).first_order_cents == 19900
    assert completed(invitation, order_id=9).state == "paid"


def test_a_partial_refund_before_the_reward_makes_it_smaller() -> None:
    invitation = refunded(completed(paid(a_newcomer(somebody()))), 9900)
    assert (invitation.state, invitation.first_order_cents) == ("completed", 10000)
    swept(invitation, AT + DAY + WEEK)
    assert [fact["cents"] for fact in told("InviteeFirstOrder")] == [10000]
    assert told("InviteeFirstOrderRefunded") == []


def test_a_whole_refund_before_the_reward_ends_the_invitation() -> None:
    invitation = refunded(completed(paid(a_newcomer(somebody()))), 19900, whole=True)
    assert (invitation.state, invitation.clawed_back_at) == ("clawed_back", AT + 2 * DAY)
    assert swept(invitation, AT + DAY + WEEK).state == "clawed_back"
    assert told("InviteeFirstOrder") == []
    assert [(one["refunded_cents"], one["whole_order"]) for one in told("InviteeFirstOrderRefunded")] == [(0, True)]


def test_refunds_after_the_reward_are_told_with_what_went_back_since() -> None:
    invitation = swept(completed(paid(a_newcomer(somebody()))), AT + DAY + WEEK)
    assert refunded(invitation, 900).state == "rewarded"
    assert refunded(invitation, 19000, refund_id=2).state == "clawed_back"
    facts = told("InviteeFirstOrderRefunded")
    assert [(one["refund_id"], one["refunded_cents"], one["whole_order"]) for one in facts] == [
        (1, 900, False),
        (2, 19900, True),
    ]


def test_a_refund_of_another_order_changes_nothing() -> None:
    invitation = a_newcomer(somebody())
    assert refunded(invitation, 100).state == "registered"


def test_an_inviter_who_is_frozen_is_not_rewarded() -> None:
    invitation = completed(paid(a_newcomer(somebody())))
    other = completed(paid(a_newcomer(somebody()), order_id=2), order_id=2)
    Member.objects.filter(pk=invitation.inviter_id).update(status="frozen")
    swept(invitation, AT + DAY + WEEK)
    other.refresh_from_db()
    assert (invitation.state, invitation.refusal, other.state) == ("refused", "inviter_inactive", "rewarded")
    assert [fact["reason"] for fact in told("InvitationRefused")] == ["inviter_inactive"]


def test_a_frozen_members_link_brings_no_newcomer() -> None:
    inviter = somebody()
    touch = touch_of(inviter)
    Member.objects.filter(pk=inviter.pk).update(status="frozen")
    somebody(touch=touch)
    assert Invitation.objects.get().refusal == "inviter_inactive"


def test_a_newcomer_on_the_inviters_device_is_the_inviter() -> None:
    inviter = somebody(touch=Touch(device="phone-1"))
    assert (a_newcomer(inviter, device="phone-1").refusal, told("InviteeRegistered")) == ("self", [])


def test_a_device_brings_one_newcomer() -> None:
    inviter = somebody()
    assert a_newcomer(inviter, device="phone-2").refusal == ""
    assert a_newcomer(inviter, device="phone-2").refusal == "same_device"
    assert a_newcomer(inviter, device="phone-3").refusal == ""


@pytest.mark.parametrize(("payer", "reason"), [("inviter", "self"), ("third", "same_payment"), ("nobody", "")])
def test_a_payment_account_of_somebody_else_is_found_at_the_first_payment(payer: str, reason: str) -> None:
    inviter, third = somebody(), somebody()
    invitation = a_newcomer(inviter)
    payers = {"inviter": inviter.pk, "third": third.pk, "nobody": None}
    with transaction.atomic():
        for member_id in {payers[payer], invitation.invitee_id} - {None}:
            traces.note_payment_account(member_id=member_id, provider="wechat", account="openid-1", at=AT)
    assert (paid(invitation).refusal, len(told("InvitationRefused"))) == (reason, 1 if reason else 0)


def test_the_same_account_number_at_another_provider_is_another_account() -> None:
    invitation = a_newcomer(somebody())
    with transaction.atomic():
        traces.note_payment_account(member_id=invitation.inviter_id, provider="wechat", account="1", at=AT)
        traces.note_payment_account(member_id=invitation.invitee_id, provider="alipay", account="1", at=AT)
    assert paid(invitation).state == "paid"


def test_caps_of_day_and_month_are_recorded_and_those_refused_do_not_count(settings: Any) -> None:
    settings.POLICIES = {"invitations_per_day": 2, "invitations_per_month": 3}
    inviter, tomorrow = somebody(), AT + DAY
    today = [a_newcomer(inviter).refusal for _ in range(3)]
    later = [a_newcomer(inviter, at=tomorrow).refusal for _ in range(2)]
    next_month = a_newcomer(inviter, at=AT + timedelta(days=13)).refusal
    assert (today, later, next_month) == (["", "", "day_cap"], ["", "month_cap"], "")


def test_channel_orders_keep_what_was_paid_and_refunded() -> None:
    a_channel()
    member = somebody(touch=Touch(channel_code="lin", touched_at=AT))
    with transaction.atomic():
        for order_id, cents in ((1, 19900), (2, 5000), (3, 0)):
            channels.order_paid(member_id=member.pk, order_id=order_id, cents=cents, at=AT + HOUR)
        channels.order_paid(member_id=somebody().pk, order_id=4, cents=100, at=AT)
        channels.order_refunded(order_id=1, cents=900)
    rows = ChannelOrder.objects.order_by("order_id").values_list("order_id", "paid_cents", "refunded_cents", "is_first")
    assert list(rows) == [(1, 19900, 900, True), (2, 5000, 0, False)]
