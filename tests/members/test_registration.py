"""Becoming a member, and logging in."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from config.core.errors import InvalidInput
from config.outbox.models import Message
from members.models import DevMessage, LoginCode, Member, User
from members.services import login_codes
from members.services.login_codes import CodeExpired, WrongCode
from members.services.registration import MemberClosed, MemberFrozen, Registered, register_by_phone
from members.services.sign_in import sign_in_by_code
from points import ledger
from tests.members.factories import AT, PHONE, a_clerk, a_member


def sent_code(capture) -> str:
    with capture(execute=True):
        login_codes.send_code(phone=PHONE, address="203.0.113.7", at=AT)
    return re.search(r"\d{6}", DevMessage.objects.latest("pk").text)[0]


@pytest.mark.django_db
def test_an_unknown_phone_becomes_a_member_on_the_lowest_tier() -> None:
    made = register_by_phone(phone="+86 138 0000 0001", channel="h5", at=AT)
    member = Member.objects.select_related("tier").get()
    assert made == Registered(member.pk, True)
    assert re.fullmatch(r"[1-9]\d{9}", member.number)
    assert (member.tier.code, member.tier_since, member.registered_at) == ("bronze", AT, AT)
    assert (member.phone, member.phone_last4, member.nickname) == (PHONE, "0001", f"会员{member.number[-4:]}")
    assert (member.status, member.channel, member.user_id) == ("active", "h5", None)
    assert ledger.balance(account=member.points_account_id, at=AT).spendable == 0
    assert member.points_account_id != member.growth_account_id


@pytest.mark.django_db
def test_registering_is_a_fact_of_the_member() -> None:
    member = a_member()
    message = Message.objects.get()
    assert (message.event, message.stream) == ("members.MemberRegistered", f"member:{member.pk}")
    assert message.payload == {
        "member_id": member.pk,
        "channel": "h5",
        "registered_at": AT.isoformat(),
        "is_returning": False,
    }


@pytest.mark.django_db
def test_a_known_phone_is_the_same_member_in_every_spelling() -> None:
    member = a_member()
    again = register_by_phone(phone="138 0000 0001", channel="pos", at=AT + timedelta(days=1), nickname="别人")
    assert again == Registered(member.pk, False)
    assert Member.objects.get().nickname == member.nickname
    assert Message.objects.count() == 1


@pytest.mark.django_db
def test_the_phone_is_sealed_at_rest(django_assert_num_queries) -> None:
    a_member()
    from config.core.db import fetch_one

    stored = fetch_one("SELECT phone, phone_index FROM members_member", {})
    assert stored is not None
    assert PHONE not in stored[0]
    assert re.fullmatch(r"[0-9a-f]{64}", stored[1])


@pytest.mark.django_db
def test_a_bad_nickname_registers_nobody() -> None:
    with pytest.raises(InvalidInput), transaction.atomic():
        register_by_phone(phone=PHONE, channel="h5", at=AT, nickname="官方客服")
    assert not Member.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("status", "refusal"), [("frozen", MemberFrozen), ("closed", MemberClosed)])
def test_a_member_who_is_not_active_is_refused(status: str, refusal: type[Exception]) -> None:
    member = a_member()
    Member.objects.filter(pk=member.pk).update(status=status)
    with pytest.raises(refusal):
        register_by_phone(phone=PHONE, channel="h5", at=AT)


@pytest.mark.django_db
def test_phone_and_code_register_and_later_log_in(django_capture_on_commit_callbacks) -> None:
    first = sign_in_by_code(phone=PHONE, code=sent_code(django_capture_on_commit_callbacks), channel="h5", at=AT)
    LoginCode.objects.all().delete()
    again = sign_in_by_code(phone=PHONE, code=sent_code(django_capture_on_commit_callbacks), channel="h5", at=AT)
    assert (first.is_new, again.is_new) == (True, False)
    assert (first.member_id, first.user_id) == (again.member_id, again.user_id)
    user = User.objects.get()
    assert (user.is_member, user.is_staff, user.has_usable_password()) == (True, False, False)


@pytest.mark.django_db(transaction=True)
def test_a_wrong_try_is_counted_although_it_is_refused(django_capture_on_commit_callbacks) -> None:
    with transaction.atomic():
        login_codes.send_code(phone=PHONE, address="203.0.113.7", at=AT)
    code = re.search(r"\d{6}", DevMessage.objects.get().text)[0]
    with pytest.raises(WrongCode):
        sign_in_by_code(phone=PHONE, code=f"{(int(code) + 1) % 1_000_000:06d}", channel="h5", at=AT)
    assert LoginCode.objects.get().tries == 1
    assert not Member.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_signing_in_refuses_to_run_where_its_try_could_be_rolled_back() -> None:
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        sign_in_by_code(phone=PHONE, code="000000", channel="h5", at=AT)


@pytest.mark.django_db
def test_without_a_code_nobody_is_registered() -> None:
    with pytest.raises(CodeExpired):
        sign_in_by_code(phone=PHONE, code="000000", channel="h5", at=AT)
    assert not Member.objects.exists()


@pytest.mark.django_db
def test_a_log_in_is_staff_or_member_never_both() -> None:
    clerk = a_clerk()
    clerk.is_member = True
    with pytest.raises(IntegrityError, match="user_staff_or_member"), transaction.atomic():
        clerk.save()
