"""The list of what a merge does with a member's rows names them all, and is what happens; stricter choices win."""

from typing import Any

import pytest
from django.db import transaction
from knox.models import AuthToken

from config.outbox.models import IdempotencyKey
from config.outbox.services import nudging
from config.outbox.services.deliveries import deliver_all
from members.models import BenefitUse, Device, Member, MemberTag, MessageConsent, MessageEmail, SubscribeQuota, Tag
from members.selectors.message_reach import preferences
from members.services import message_choices as choices
from members.services import till_codes, traces
from members.services.belongings import BY_FACT, JOINED, MOVED, REMOVED, STAYS, WHAT_MOVES
from members.services.imports import ImportedMember, create_members
from members.services.merging import merge_members, preview_merge
from members.services.profiles import ProfileChange, save_profile
from points import ledger
from tests.members.belongings import counts_of, give_everything, ways_to_a_member
from tests.members.factories import AT, a_clerk, a_member
from tests.members.messaging import agrees

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def private_files(settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files in a folder of the test's own; no broker is asked."""
    settings.PRIVATE_ROOT = tmp_path
    monkeypatch.setattr(nudging, "_send", lambda task, kwargs: True)


@pytest.fixture
def target() -> Member:
    return a_member()


@pytest.fixture
def source() -> Member:
    return a_member(phone="13800000002")


def merge(source: Member, target: Member) -> None:
    merge_members(source_id=source.pk, target_id=target.pk, at=AT)
    deliver_all(at=AT)
    source.refresh_from_db()
    target.refresh_from_db()


def labels(*fates: str) -> set[str]:
    """This room's kinds of rows with that fate; of the member's own row another test speaks."""
    return {label for label, fate in WHAT_MOVES.items() if fate in fates and label.startswith("members.")} - {
        *("members.Member", "members.Invitation", "members.Subscription", "members.MembershipSaving"),
    }


def test_every_row_that_hangs_on_a_member_is_listed() -> None:
    hanging = {model._meta.label for model in ways_to_a_member()}
    assert hanging - WHAT_MOVES.keys() == set()
    assert WHAT_MOVES.keys() - hanging == set(), "a fate of something that is no more"


def test_what_is_said_to_move_is_the_targets_and_what_stays_stays(source: Member, target: Member) -> None:
    give_everything(source)
    give_everything(target)
    theirs, own = counts_of(source), counts_of(target)
    moving = labels(MOVED, JOINED, BY_FACT)
    assert {label for label in moving if not theirs[label]} == set(), "nothing to move: the test would say nothing"
    merge(source, target)
    left, now = counts_of(source), counts_of(target)
    assert {label: left[label] for label in moving if left[label]} == {}
    one_only = {"members.MessageEmail", "members.SubscribeQuota"}
    assert {label: now[label] for label in moving - one_only} == {
        label: own[label] + theirs[label] for label in moving - one_only
    }
    assert (now["members.MessageEmail"], SubscribeQuota.objects.get().remaining) == (1, 2)
    assert {label: left[label] for label in labels(STAYS)} == {label: theirs[label] for label in labels(STAYS)}
    assert ledger.audit() == []


def test_what_is_said_to_be_removed_is_gone_and_the_kept_ones_stays(source: Member, target: Member) -> None:
    give_everything(source)
    give_everything(target)
    own = counts_of(target)
    merge(source, target)
    gone, now = labels(REMOVED) - {"members.DataExport"}, counts_of(target)
    left = counts_of(source)
    assert gone == {"members.DuplicateTrace", "members.TillSecret"}
    assert {label: (left[label], now[label]) for label in gone} == {label: (0, own[label]) for label in gone}
    assert (source.data_exports.get().status, target.data_exports.get().status) == ("gone", "pending")


def test_what_both_have_is_the_targets_once(source: Member, target: Member) -> None:
    tag, clerk = Tag.objects.create(name="VIP"), a_clerk()
    MemberTag.objects.create(member=source, tag=tag, source="staff", put_by=clerk, at=AT)
    MemberTag.objects.create(member=target, tag=tag, source="rule", at=AT)
    for member in (source, target):
        traces.note_device(member_id=member.pk, device="one phone", at=AT)
    merge(source, target)
    assert list(MemberTag.objects.values_list("member", "source")) == [(target.pk, "staff")]
    assert traces.others_with_device(member_id=0, device="one phone") == {target.pk}


def test_uses_of_a_benefit_in_one_month_add_up(source: Member, target: Member) -> None:
    for member, nth in ((target, 2), (source, 1), (source, 2)):
        key = f"order:{member.pk}:{nth}"
        BenefitUse.objects.create(member=member, kind="free_shipping", period="2026-11", nth=nth, source=key, at=AT)
    merge(source, target)
    assert sorted(BenefitUse.objects.filter(member=target).values_list("nth", flat=True)) == [1, 2, 3]


def test_what_either_said_no_to_is_off(source: Member, target: Member) -> None:
    agrees(target)
    choices.choose(member_id=source.pk, way="sms", purpose="marketing", is_wanted=True, source="h5", at=AT)
    choices.choose(member_id=source.pk, way="sms", purpose="marketing", is_wanted=False, source="h5", at=AT)
    choices.choose(member_id=source.pk, way="email", purpose="service", is_wanted=False, source="h5", at=AT)
    choices.choose(member_id=target.pk, way="wechat_official", purpose="service", is_wanted=False, source="h5", at=AT)
    agrees(source, way="email")
    assert preview_merge(source_id=source.pk, target_id=target.pk, at=AT).moved.refusals == 2
    merge(source, target)
    wanted = preferences(member_id=target.pk)
    assert {name for name, is_wanted in wanted.items() if not is_wanted} == {
        ("sms", "marketing"),
        ("email", "service"),
        ("wechat_official", "service"),
        ("email", "marketing"),  # only the duplicate had agreed
        ("wechat_official", "marketing"),
    }
    assert MessageConsent.objects.filter(member=source).count() == 3
    assert set(MessageConsent.objects.filter(source="merge").values_list("member", flat=True)) == {target.pk}


def test_who_said_nothing_takes_nothing_away(source: Member, target: Member) -> None:
    agrees(target)
    before = preferences(member_id=target.pk)
    merge(source, target)
    assert preferences(member_id=target.pk) == before


@pytest.mark.parametrize(
    ("theirs_confirmed", "own_confirmed", "kept"),
    [
        (True, None, "source@a.example"),
        (True, False, "source@a.example"),
        (False, False, "own@a.example"),
        (True, True, "own@a.example"),
        (False, None, "source@a.example"),
    ],
)
def test_of_two_emails_a_confirmed_one_stays(
    source: Member, target: Member, theirs_confirmed: bool, own_confirmed: bool | None, kept: str
) -> None:
    for member, address, confirmed in (
        (source, "source@a.example", theirs_confirmed),
        (target, "own@a.example", own_confirmed),
    ):
        if confirmed is not None:
            confirmed_at = AT if confirmed else None
            MessageEmail.objects.create(member=member, address=address, asked_at=AT, confirmed_at=confirmed_at)
    merge(source, target)
    email = MessageEmail.objects.get()
    assert (email.member_id, email.address) == (target.pk, kept)


def test_a_lunar_birthday_stays_one_and_can_not_be_changed_sooner(source: Member, target: Member) -> None:
    save_profile(
        member_id=source.pk,
        change=ProfileChange(birthday="1990-05-20", birthday_calendar="lunar", gender="female"),
        at=AT,
    )
    merge(source, target)
    assert (target.birthday, target.birthday_calendar, target.gender) == (source.birthday, "lunar", "female")
    assert target.birthday_changed_at == source.birthday_changed_at


def test_the_duplicates_log_in_opens_nothing_and_where_it_was_used_is_the_targets(
    source: Member, target: Member
) -> None:
    give_everything(source)
    user = source.user
    assert user is not None
    user.set_password("correct-horse-9")
    user.save()
    IdempotencyKey.objects.create(scope=f"user:{user.pk}", key="k", fingerprint="f", body="{}", created_at=AT)
    shown = till_codes.code_of(member_id=source.pk, at=AT).text
    merge(source, target)
    user.refresh_from_db()
    assert (user.is_active, user.has_usable_password(), AuthToken.objects.count()) == (False, False, 0)
    assert list(Device.objects.values_list("user", "token", "session_key")) == [(target.user_id, None, "")]
    assert Device.objects.get().ended_at == AT
    assert IdempotencyKey.objects.count() == 0
    with pytest.raises(till_codes.WrongTillCode):
        till_codes.member_of(code=shown, at=AT)


def test_who_takes_the_log_in_over_has_agreed_to_what_its_owner_agreed_to(source: Member) -> None:
    Member.objects.filter(pk=source.pk).update(agreed_version=2)
    with transaction.atomic():
        ids = create_members(rows=[ImportedMember(source="till", external_ref="7", registered_at=AT)], at=AT)
    target = Member.objects.get(pk=ids["7"])
    merge(source, target)
    assert (target.user_id is None, target.agreed_version) == (False, 2)
