"""Whoever comes back, or was somebody else before, is the person they were: no newcomer, and no second trial."""

from datetime import timedelta

import pytest
from django.db import transaction

from config.outbox.models import Message as Fact
from members.models import Closing, Identity, Invitation, Member
from members.rules.invitations import Touch
from members.selectors.plans import membership
from members.services import closing, identities, subscriptions
from members.services.identities import External
from members.services.invitations import code_of
from members.services.merging import merge_members
from members.services.registration import register_by_phone
from members.services.subscriptions import TrialUsed
from tests.members.factories import AT, PHONE, a_member
from tests.members.plans.factories import a_plan

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)
OTHER = "13800000002"
WECHAT = External(provider="wechat_mini", openid="o-1")


def leave(member: Member) -> None:
    closing.ask_to_close(member_id=member.pk, channel="h5", at=AT)
    wish = Closing.objects.get(member=member)
    assert closing.close(closing_id=wish.pk, at=AT + WEEK) is True


def test_whoever_comes_back_by_the_same_wechat_and_another_phone_is_no_newcomer() -> None:
    member = a_member()
    identities.bind(member_id=member.pk, who=WECHAT, at=AT)
    leave(member)
    again = register_by_phone(phone=OTHER, channel="h5", at=AT + 2 * WEEK, who=WECHAT)
    fact = Fact.objects.filter(event="members.MemberRegistered").latest("pk").payload
    assert (again.is_new, fact["member_id"], fact["is_returning"]) == (True, again.member_id, True)
    assert Identity.objects.get().member_id == again.member_id
    stranger = External(provider="wechat_mini", openid="o-2")
    register_by_phone(phone="13800000003", channel="h5", at=AT + 2 * WEEK, who=stranger)
    assert Fact.objects.filter(event="members.MemberRegistered").latest("pk").payload["is_returning"] is False


MINI, PAGE = (External(provider=one, openid=f"o-{one}", unionid="u-1") for one in ("wechat_mini", "wechat_official"))
STRANGER = External(provider="wechat_official", openid="o-9", unionid="u-9")


def returns(who: External, *, phone: str = OTHER) -> tuple[bool, str]:
    """Whether who comes by that WeChat, invited, is told of as somebody who was here; and why no invitation counts."""
    inviter = a_member(phone="13800000009")
    touch = Touch(invite_code=code_of(member_id=inviter.pk, at=AT), touched_at=AT + 2 * WEEK)
    came = register_by_phone(phone=phone, channel="h5", at=AT + 2 * WEEK, who=who, touch=touch)
    fact = Fact.objects.filter(event="members.MemberRegistered").latest("pk").payload
    assert fact["member_id"] == came.member_id
    return fact["is_returning"], Invitation.objects.get(invitee=came.member_id).refusal


@pytest.mark.parametrize(
    ("who", "answer"), [(MINI, (True, "returning")), (PAGE, (True, "returning")), (STRANGER, (False, ""))]
)
def test_whoever_left_is_known_by_the_companys_other_app_too(who: External, answer: tuple[bool, str]) -> None:
    member = a_member()
    identities.bind(member_id=member.pk, who=MINI, at=AT)
    leave(member)
    assert returns(who) == answer


@pytest.mark.parametrize("who", [MINI, PAGE], ids=["the same app", "the other app"])
def test_a_wechat_that_was_unbound_makes_no_newcomer_and_no_second_trial(who: External) -> None:
    plan, member = a_plan(trial_days=7), a_member()
    identities.bind(member_id=member.pk, who=MINI, at=AT)
    subscriptions.start_trial(member_id=member.pk, plan_id=plan.pk, at=AT)
    identities.unbind(member_id=member.pk, identity_id=Identity.objects.get().pk, at=AT)
    assert returns(who) == (True, "returning")
    again = Member.objects.latest("pk")
    with pytest.raises(TrialUsed):
        subscriptions.start_trial(member_id=again.pk, plan_id=plan.pk, at=AT + 2 * WEEK)


@pytest.mark.parametrize("phone", [PHONE, OTHER], ids=["by phone", "by wechat"])
def test_a_trial_is_not_had_again_after_the_account_was_closed(phone: str) -> None:
    plan, member = a_plan(trial_days=7), a_member()
    identities.bind(member_id=member.pk, who=WECHAT, at=AT)
    subscriptions.start_trial(member_id=member.pk, plan_id=plan.pk, at=AT)
    leave(member)
    again = register_by_phone(phone=phone, channel="h5", at=AT + 2 * WEEK, who=WECHAT).member_id
    assert membership(member_id=again, at=AT + 2 * WEEK).has_had_trial is True
    with pytest.raises(TrialUsed):
        subscriptions.start_trial(member_id=again, plan_id=plan.pk, at=AT + 2 * WEEK)


def test_whoever_left_without_a_trial_may_have_one() -> None:
    plan, member = a_plan(trial_days=7), a_member()
    leave(member)
    again = register_by_phone(phone=PHONE, channel="h5", at=AT + 2 * WEEK).member_id
    assert membership(member_id=again, at=AT + 2 * WEEK).has_had_trial is False
    subscriptions.start_trial(member_id=again, plan_id=plan.pk, at=AT + 2 * WEEK)


def test_a_duplicates_trial_was_the_persons_trial() -> None:
    plan, source, target = a_plan(trial_days=7), a_member(), a_member(phone=OTHER)
    subscriptions.start_trial(member_id=source.pk, plan_id=plan.pk, at=AT)
    later = AT + 2 * WEEK  # the trial is over, and stays with the duplicate
    merge_members(source_id=source.pk, target_id=target.pk, at=later)
    subscriptions.repoint(source_id=source.pk, target_id=target.pk, at=later)
    assert membership(member_id=target.pk, at=later).has_had_trial is True
    with pytest.raises(TrialUsed):
        subscriptions.start_trial(member_id=target.pk, plan_id=plan.pk, at=later)


def test_an_identity_that_a_duplicate_was_given_while_it_was_merged_opens_the_one_who_stays() -> None:
    source, target = a_member(), a_member(phone=OTHER)
    with transaction.atomic():
        merge_members(source_id=source.pk, target_id=target.pk, at=AT)
        identities.bind(member_id=source.pk, who=WECHAT, at=AT)
    assert identities.known(who=WECHAT, at=AT) == target.pk
