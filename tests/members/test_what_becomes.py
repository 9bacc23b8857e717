"""The list of what becomes of a member's rows when the account is closed names them all, and is what happens."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from knox.models import AuthToken

from config.core.errors import NotFound
from members.models import Device, Member, ShareLink, User
from members.services import avatars, closing, shares, till_codes
from members.services.erasing import DELETED, KEPT, WHAT_BECOMES
from points import ledger
from tests.members.belongings import counts_of, give_everything, ways_to_a_member
from tests.members.factories import AT, a_clerk, a_member

pytestmark = pytest.mark.django_db
DUE = AT + timedelta(days=7)


@pytest.fixture(autouse=True)
def private_files(settings: Any, tmp_path: Any) -> None:
    settings.PRIVATE_ROOT = tmp_path


def close(member: Member) -> None:
    with transaction.atomic():
        closing.ask_to_close(member_id=member.pk, channel="h5", at=AT)
        wish = member.closings.get()
        assert closing.close(closing_id=wish.pk, at=DUE) is True
    member.refresh_from_db()


def test_every_row_that_hangs_on_a_member_has_its_fate_written_down() -> None:
    hanging = {model._meta.label for model in ways_to_a_member()}
    assert hanging - WHAT_BECOMES.keys() == set()
    assert WHAT_BECOMES.keys() - hanging == set(), "a fate of something that is no more"


def test_what_is_said_to_be_deleted_was_there_and_is_gone() -> None:
    member, other = a_member(), a_member(phone="13800000002")
    give_everything(member)
    give_everything(other)
    before, others = counts_of(member), counts_of(other)
    gone = {label for label, fate in WHAT_BECOMES.items() if fate == DELETED} - {"members.HistoricalMember"}
    assert {label for label in gone if not before[label]} == set(), "nothing to delete: the test would say nothing"
    close(member)
    after = counts_of(member)
    assert {label: after[label] for label in gone if after[label]} == {}
    kept = {label for label in before if WHAT_BECOMES[label] == KEPT} - {"members.Closing"}
    assert {label: after[label] for label in kept} == {label: before[label] for label in kept}
    assert counts_of(other) == others
    assert ledger.audit() == []


def test_nobody_gets_in_any_more_and_what_was_shown_opens_nothing() -> None:
    member = a_member()
    give_everything(member)
    shown = till_codes.code_of(member_id=member.pk, at=DUE).text
    link = ShareLink.objects.get(member=member).code
    close(member)
    user = User.objects.get(pk=member.user_id)
    assert (user.is_active, user.has_usable_password(), user.username) == (False, False, f"closed-{user.pk}")
    assert (AuthToken.objects.filter(user=user).count(), Device.objects.filter(user=user).count()) == (0, 0)
    with pytest.raises(till_codes.WrongTillCode):
        till_codes.member_of(code=shown, at=DUE)
    with pytest.raises(NotFound):
        shares.open_link(code=link, visitor=shares.Visitor(device="x", address="203.0.113.9"), at=DUE)


def test_what_was_agreed_to_ends_and_stays_as_proof_without_a_name() -> None:
    member = a_member()
    give_everything(member)
    close(member)
    (consent,) = member.message_consents.values("way", "purpose", "given_at", "withdrawn_at", "source")
    assert consent == {"way": "sms", "purpose": "marketing", "given_at": AT, "withdrawn_at": DUE, "source": "h5"}


def test_the_file_of_an_own_picture_is_deleted(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    member, deleted = a_member(), []
    Member.objects.filter(pk=member.pk).update(avatar="avatars/me.webp")
    monkeypatch.setattr(avatars.default_storage, "delete", deleted.append)
    with django_capture_on_commit_callbacks(execute=True):
        close(member)
    assert (member.avatar, deleted) == ("person", ["avatars/me.webp"])


def test_the_log_in_of_staff_is_never_a_members() -> None:
    """Which is why what staff did and hold is no member's."""
    with pytest.raises(IntegrityError, match="user_staff_or_member"), transaction.atomic():
        User.objects.filter(pk=a_clerk().pk).update(is_member=True)
