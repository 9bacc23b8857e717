"""Whose newcomer somebody is: decided once, at the first registration, by the link they opened first."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from members.models import Attribution, Invitation, InviteCode, Member, Tombstone
from members.rules.invitations import Touch
from members.services import invitations, merging
from members.services.login_codes import phone_index
from tests.members.factories import AT
from tests.members.invitations.scenes import (
    DAY,
    HOUR,
    a_channel,
    a_newcomer,
    code_of,
    paid,
    somebody,
    told,
    touch_of,
)

pytestmark = pytest.mark.django_db


def test_a_newcomer_who_came_by_a_link_is_the_inviters() -> None:
    inviter = somebody()
    newcomer = somebody(touch=touch_of(inviter), at=AT + HOUR)
    invitation = Invitation.objects.get()
    assert (invitation.inviter, invitation.invitee, invitation.state) == (inviter, newcomer, "registered")
    assert (invitation.touched_at, invitation.registered_at) == (AT, AT + HOUR)
    assert told("InviteeRegistered") == [
        {
            "invitation_id": invitation.pk,
            "inviter_id": inviter.pk,
            "invitee_id": newcomer.pk,
            "channel": "h5",
            "registered_at": (AT + HOUR),
        }
    ]


def test_a_code_is_made_once_and_stays() -> None:
    member = somebody()
    first = code_of(member)
    assert (code_of(member), len(first), InviteCode.objects.count()) == (first, 7, 1)


def test_who_is_a_member_already_is_nobodys_newcomer() -> None:
    inviter, known = somebody(), somebody(phone="13700009999")
    again = somebody(touch=touch_of(inviter), phone="13700009999", at=AT + DAY)
    assert (again, Invitation.objects.count(), told("InviteeRegistered")) == (known, 0, [])


@pytest.mark.parametrize(("after", "counts"), [(timedelta(days=30) - HOUR, 1), (timedelta(days=30), 0)])
def test_a_link_counts_for_thirty_days(after: timedelta, counts: int) -> None:
    inviter = somebody()
    somebody(touch=touch_of(inviter), at=AT + after)
    assert Invitation.objects.count() == counts


def test_a_link_opened_in_the_future_and_an_unknown_code_count_for_nothing() -> None:
    inviter = somebody()
    somebody(touch=touch_of(inviter, touched_at=AT + HOUR), at=AT)
    somebody(touch=Touch(invite_code="ZZZZZZZ", touched_at=AT), at=AT)
    assert Invitation.objects.count() == 0


def test_who_closed_an_account_and_comes_back_brings_nobody_a_newcomer() -> None:
    inviter = somebody()
    Tombstone.objects.create(purpose="phone", index=phone_index("13700008888"), at=AT)
    somebody(touch=touch_of(inviter), phone="13700008888")
    invitation = Invitation.objects.get()
    assert (invitation.state, invitation.refusal) == ("refused", "returning")
    assert told("InviteeRegistered") == []


def test_a_channel_is_written_down_beside_the_inviter_and_alone() -> None:
    channel, inviter = a_channel(), somebody()
    both = somebody(touch=touch_of(inviter, channel_code="lin"))
    alone = somebody(touch=Touch(channel_code="lin", touched_at=AT))
    assert list(Attribution.objects.order_by("pk").values_list("member", "channel")) == [
        (both.pk, channel.pk),
        (alone.pk, channel.pk),
    ]
    assert Invitation.objects.get().channel == channel


def test_a_channel_that_staff_switched_off_is_not_written_down() -> None:
    a_channel(is_enabled=False)
    somebody(touch=Touch(channel_code="lin", touched_at=AT))
    assert Attribution.objects.count() == 0


def test_a_merged_members_code_works_for_the_member_they_became() -> None:
    kept, duplicate = somebody(), somebody()
    touch = touch_of(duplicate)
    with transaction.atomic():
        merging.merge_members(source_id=duplicate.pk, target_id=kept.pk, at=AT)
    somebody(touch=touch, at=AT + HOUR)
    assert Invitation.objects.get().inviter == kept


def test_a_merge_moves_invitations_and_ends_those_of_oneself() -> None:
    duplicate = somebody()
    invitation, other = a_newcomer(duplicate), a_newcomer(duplicate)
    with transaction.atomic():
        merging.merge_members(source_id=duplicate.pk, target_id=invitation.invitee_id, at=AT + DAY)
    invitation.refresh_from_db()
    other.refresh_from_db()
    assert (invitation.state, invitation.refusal) == ("refused", "self")
    assert (other.state, other.inviter_id) == ("registered", invitation.invitee_id)
    assert told("InvitationRefused") == [{"invitation_id": invitation.pk, "reason": "self", "at": (AT + DAY)}]


def test_the_database_knows_that_nobody_invites_themself_or_is_invited_twice() -> None:
    member, other = somebody(), somebody()
    row = {"touched_at": AT, "registered_at": AT}
    with pytest.raises(IntegrityError, match="invitation_not_of_oneself"), transaction.atomic():
        Invitation.objects.create(inviter=member, invitee=member, **row)
    Invitation.objects.create(inviter=member, invitee=other, **row)
    third = somebody()
    with pytest.raises(IntegrityError, match="invitation_once_per_invitee"), transaction.atomic():
        Invitation.objects.create(inviter=third, invitee=other, **row)


def test_the_database_wants_a_reason_for_a_refusal_and_an_order_for_a_payment() -> None:
    invitation = a_newcomer(somebody())
    mine = Invitation.objects.filter(pk=invitation.pk)
    with pytest.raises(IntegrityError, match="invitation_refused_has_reason"), transaction.atomic():
        mine.update(state="refused", refused_at=AT)
    with pytest.raises(IntegrityError, match="invitation_paid_names_order"), transaction.atomic():
        mine.update(state="paid")
    with pytest.raises(IntegrityError, match="invitation_state_has_its_time"), transaction.atomic():
        Invitation.objects.filter(pk=paid(invitation).pk).update(state="rewarded")


def test_a_duplicate_that_was_invited_keeps_its_invitation_when_merged_into_somebody_else() -> None:
    inviter, kept = somebody(), somebody()
    invitation = a_newcomer(inviter)
    with transaction.atomic():
        merging.merge_members(source_id=invitation.invitee_id, target_id=kept.pk, at=AT)
    invitation.refresh_from_db()
    assert (invitation.inviter, invitation.invitee_id) == (inviter, Member.objects.get(merged_into=kept).pk)
    with transaction.atomic():
        assert invitations.repoint(source_id=invitation.invitee_id, target_id=kept.pk, at=AT) == 0
