"""What inviting earns, through the outbox: pending with the registration, usable with the first order, taken back."""

from datetime import timedelta

import pytest
from django.db import transaction

from campaigns.models import Campaign, CampaignVersion, Receipt
from campaigns.services.invitations import give_for_first_order, take_back_for_refund
from campaigns.services.presets import install_presets
from config.outbox.models import Delivery
from config.outbox.services.deliveries import deliver_all
from members.models import Invitation, Member
from members.services import invitations, merging, shares
from members.services.shares import Visitor
from points import ledger
from tests.campaigns.rows import LONG_AGO, a_campaign, defaults, presets_installed
from tests.members.factories import AT
from tests.members.invitations.scenes import DAY, a_newcomer, completed, paid, refunded, somebody, swept

pytestmark = pytest.mark.django_db(transaction=True)
DUE = AT + 8 * DAY
LATER = AT + 30 * DAY


@pytest.fixture(autouse=True)
def shop() -> None:
    defaults()
    presets_installed("invite-registered", "invite-first-order", "share-visited")


def balance(member: Member) -> tuple[int, int, int]:
    """(usable, pending, owed), after everything that was told has been heard."""
    deliver_all(at=LATER)
    assert list(Delivery.objects.filter(state__in=["pending", "dead"]).values_list("handler", "last_error")) == []
    now = ledger.balance(account=member.points_account_id, at=LATER)
    return now.spendable, now.pending, now.arrears


def rewarded(inviter: Member, *, cents: int = 19900) -> Invitation:
    return swept(completed(paid(a_newcomer(inviter), cents=cents)), DUE)


def test_when_all_presets_are_installed_those_that_pay_for_people_stay_drafts() -> None:
    CampaignVersion.objects.all().delete()
    Campaign.objects.all().delete()
    with transaction.atomic():
        install_presets(at=LONG_AGO)
    drafts = Campaign.objects.filter(status="draft").order_by("position").values_list("code", flat=True)
    assert list(drafts) == ["invite-registered", "invite-first-order", "share-visited"]


def test_the_registration_brings_pending_points_and_the_first_order_makes_them_usable() -> None:
    inviter = somebody()
    invitation = a_newcomer(inviter)
    assert balance(inviter) == (0, 50, 0)
    completed(paid(invitation))
    assert balance(inviter) == (0, 50, 0)
    swept(invitation, DUE)
    assert balance(inviter) == (250, 0, 0)
    receipts = Receipt.objects.filter(member=inviter).order_by("pk").values_list("occurrence", "points", "base_cents")
    assert list(receipts) == [
        (f"invitation:{invitation.pk}:registered", 50, 0),
        (f"invitation:{invitation.pk}:first_order", 200, 19900),
    ]


def test_confirmed_points_live_as_long_as_points_earned_that_day() -> None:
    inviter = somebody()
    rewarded(inviter)
    deliver_all(at=LATER)
    lapsing = ledger.balance(account=inviter.points_account_id, at=LATER).lapsing
    assert [points for _, points in lapsing] == [250]


def test_a_newcomer_who_does_not_count_brings_nothing() -> None:
    inviter = somebody()
    a_newcomer(inviter, device="one")
    a_newcomer(inviter, device="one")
    assert balance(inviter) == (0, 50, 0)


def test_a_whole_refund_before_the_reward_takes_the_pending_points_back() -> None:
    inviter = somebody()
    refunded(completed(paid(a_newcomer(inviter))), 19900, whole=True)
    assert balance(inviter) == (0, 0, 0)
    taken = Receipt.objects.get(trigger="invitation_taken_back")
    assert (taken.points, taken.steps[0]["text"]) == (-50, "好友首单全部退款")


def test_refunds_after_the_reward_take_back_in_proportion_and_in_the_end_all() -> None:
    inviter = somebody()
    invitation = refunded(rewarded(inviter, cents=10000), 2500)
    assert balance(inviter) == (200, 0, 0)
    refunded(invitation, 7500, whole=True, refund_id=2)
    assert balance(inviter) == (0, 0, 0)
    with transaction.atomic():
        ledger.earn(account=inviter.points_account_id, points=5, key="k", source="test", at=LATER)
    assert balance(inviter) == (5, 0, 0)


def test_what_was_spent_meanwhile_is_owed() -> None:
    inviter = somebody()
    invitation = rewarded(inviter)
    balance(inviter)
    with transaction.atomic():
        ledger.spend(account=inviter.points_account_id, points=240, key="s", source="test", at=LATER)
    refunded(invitation, 19900, whole=True)
    assert balance(inviter) == (0, 0, 240)


def test_a_first_order_below_the_threshold_brings_nothing_but_lets_the_pending_points_go() -> None:
    inviter = somebody()
    rewarded(inviter, cents=2000)
    assert balance(inviter) == (50, 0, 0)


def test_a_share_of_the_friends_order_is_not_multiplied_by_the_inviters_tier() -> None:
    a_campaign(trigger="invitee_first_order", effects=[{"kind": "points_per_yuan", "points": 1}], stacking="add")
    inviter = somebody()
    gold = Member.objects.filter(pk=inviter.pk)
    gold.update(tier=type(inviter.tier).objects.get(code="gold"))
    rewarded(inviter, cents=10000)
    assert balance(inviter) == (50 + 200 + 100, 0, 0)


def test_the_first_order_is_judged_by_what_was_live_when_it_was_paid() -> None:
    bonus = a_campaign(
        trigger="invitee_first_order",
        effects=[{"kind": "fixed_points", "points": 30}],
        stacking="add",
        ends_at=AT + DAY,
    )
    inviter = somebody()
    rewarded(inviter)
    assert bonus.ends_at < DUE
    assert balance(inviter) == (50 + 200 + 30, 0, 0)


def test_an_invitation_that_turns_out_not_to_count_gives_back_what_it_brought() -> None:
    kept = a_newcomer(somebody())
    inviter = kept.inviter
    assert balance(inviter) == (0, 50, 0)
    with transaction.atomic():
        merging.merge_members(source_id=kept.invitee_id, target_id=inviter.pk, at=AT + DAY)
    assert balance(inviter) == (0, 0, 0)


def test_an_inviter_who_was_merged_is_rewarded_as_who_they_became() -> None:
    inviter, kept = somebody(), somebody()
    invitation = completed(paid(a_newcomer(inviter)))
    balance(inviter)
    with transaction.atomic():
        merging.merge_members(source_id=inviter.pk, target_id=kept.pk, at=AT + DAY)
    swept(invitation, DUE)
    assert balance(kept) == (250, 0, 0)
    refunded(invitation, 19900, whole=True)
    assert balance(kept) == (0, 0, 0)


def test_facts_that_come_twice_are_given_for_once() -> None:
    inviter = somebody()
    invitation = rewarded(inviter)
    balance(inviter)
    with transaction.atomic():
        give_for_first_order(invitation_id=invitation.pk, inviter_id=inviter.pk, cents=19900, paid_at=AT, at=LATER)
    assert balance(inviter) == (250, 0, 0)
    for _ in range(2):
        with transaction.atomic():
            take_back_for_refund(
                invitation_id=invitation.pk, refund_id=9, refunded_cents=19900, whole_order=True, at=LATER
            )
    assert balance(inviter) == (0, 0, 0)


def test_a_friends_visit_earns_once_and_sharing_itself_nothing() -> None:
    sharer = somebody()
    with transaction.atomic():
        code = shares.link_to(member_id=sharer.pk, path="/", at=AT)
        invitations.code_of(member_id=sharer.pk, at=AT)
    assert balance(sharer) == (0, 0, 0)
    for device in ("a", "a", "b"):
        with transaction.atomic():
            shares.open_link(
                code=code, visitor=Visitor(device=device, address="203.0.113.7"), at=AT + timedelta(hours=1)
            )
    assert balance(sharer) == (4, 0, 0)
