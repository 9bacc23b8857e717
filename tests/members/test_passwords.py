"""Passwords, for members who set one: with a code, within limits, and the same answer to everybody else."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client

from config.core.errors import DomainError, InvalidInput
from members.models import Device, DevMessage, LoginCode, Member, PasswordTry
from members.rules.phones import InvalidPhone
from members.services import passwords
from members.services.login_codes import WrongCode
from members.services.passwords import TooManyPasswords, WrongPassword
from members.services.registration import MemberFrozen
from tests.api.conftest import Api, with_token
from tests.members.factories import AT, PHONE, a_member

pytestmark = pytest.mark.django_db(transaction=True)
GOOD = "云杉 tree 2026!"
HERE = "203.0.113.7"


@pytest.fixture
def member() -> Member:
    return a_member()


def fresh_code(member: Member, at=AT) -> str:
    LoginCode.objects.all().delete()
    with transaction.atomic():
        passwords.send_code_to_own_phone(member_id=member.pk, address=HERE, at=at)
    return DevMessage.objects.latest("pk").text.split("验证码 ")[1][:6]


def give_password(member: Member, password: str = GOOD) -> None:
    passwords.set_password(member_id=member.pk, code=fresh_code(member), password=password, at=AT)


def log_in(phone: str = PHONE, password: str = GOOD, at=AT, address: str = HERE) -> int:
    return passwords.sign_in_by_password(phone=phone, password=password, address=address, at=at).member_id


def refused(**given) -> DomainError:
    with pytest.raises(DomainError) as refusal:
        log_in(**given)
    return refusal.value


def test_a_password_is_set_with_a_code_and_opens(member: Member) -> None:
    give_password(member)
    assert log_in(phone="+86 138 0000 0001") == member.pk
    stored = member.user.__class__.objects.get(pk=member.user_id).password
    assert GOOD not in stored


def test_whoever_has_none_is_unknown_or_wrong_gets_the_same_answer(member: Member) -> None:
    without = refused()
    give_password(member)
    unknown, wrong = refused(phone="13800000009"), refused(password="another one")
    assert {type(one) for one in (without, unknown, wrong)} == {WrongPassword}
    assert len({(one.text, one.http_status, one.field) for one in (without, unknown, wrong)}) == 1
    assert Member.objects.count() == 1


def test_as_much_is_hashed_for_a_phone_that_nobody_has(member: Member, monkeypatch) -> None:
    give_password(member)
    hashed = []
    from django.contrib.auth.hashers import MD5PasswordHasher

    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *given: hashed.append(1) or encode(*given))
    refused(password="another one")
    of_member = len(hashed)
    refused(phone="13800000009")
    assert (of_member, len(hashed) - of_member) == (1, 1)
    hashed.clear()
    refused(password="y" * 129)
    assert len(hashed) == 1


def test_after_five_tries_the_phone_waits_and_codes_still_open(member: Member) -> None:
    give_password(member)
    for _ in range(5):
        assert isinstance(refused(password="another one"), WrongPassword)
    waiting = refused()
    assert isinstance(waiting, TooManyPasswords)
    assert (waiting.text, waiting.http_status) == ("密码输错次数过多，请 15 分钟后再试，或改用验证码登录", 429)
    assert refused(at=AT + timedelta(minutes=14, seconds=59)).facts["seconds"] == 1
    assert log_in(at=AT + timedelta(minutes=15)) == member.pk
    assert PasswordTry.objects.count() == 0


def test_a_phone_that_nobody_has_waits_as_well() -> None:
    for _ in range(5):
        refused(phone="13800000009")
    assert isinstance(refused(phone="13800000009"), TooManyPasswords)


def test_a_network_has_its_own_limit(settings) -> None:
    settings.POLICIES = {"password_tries_per_address_hour": 3}
    for number in range(3):
        refused(phone=f"1380000001{number}")
    assert isinstance(refused(phone="13800000019"), TooManyPasswords)
    assert isinstance(refused(phone="13800000019", address="203.0.113.8"), WrongPassword)
    assert isinstance(refused(phone="13800000019", at=AT + timedelta(hours=1)), WrongPassword)


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("short", "8"),
        ("password1", "常见"),
        (f"my{PHONE}", "密码不能包含手机号"),
        ("x" * 129, "密码最多 128 位"),
        ("", "8"),
    ],
)
def test_a_weak_password_is_refused_in_words_and_costs_no_code(member: Member, password: str, sentence: str) -> None:
    code = fresh_code(member)
    with pytest.raises(InvalidInput) as refusal:
        passwords.set_password(member_id=member.pk, code=code, password=password, at=AT)
    assert sentence in refusal.value.fields["password"]
    passwords.set_password(member_id=member.pk, code=code, password=GOOD, at=AT)


def test_a_huge_password_is_wrong_and_not_hashed_whole(member: Member) -> None:
    give_password(member, "y" * 128)
    assert isinstance(refused(password="y" * 100_000), WrongPassword)


def test_without_the_right_code_nothing_changes(member: Member) -> None:
    code = fresh_code(member)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    with pytest.raises(WrongCode):
        passwords.set_password(member_id=member.pk, code=wrong, password=GOOD, at=AT)
    assert passwords.has_password(member_id=member.pk) is False
    assert LoginCode.objects.get().tries == 1


def test_a_new_password_signs_all_other_devices_out(member: Member) -> None:
    mine, other = with_token(member.user), with_token(member.user)
    assert mine.post("password/codes/").status_code == 204
    code = DevMessage.objects.latest("pk").text.split("验证码 ")[1][:6]
    assert mine.put("password/", {"code": code, "password": GOOD}).status_code == 204
    assert (mine.get("password/").json(), other.get("me/").status_code) == ({"has_password": True}, 401)
    answer = Api().post("auth/password/", {"phone": PHONE, "password": GOOD, "device_name": "平板"})
    assert (answer.status_code, answer.json()["is_new"]) == (200, False)
    assert Device.objects.latest("pk").name == "平板"


def test_a_password_is_taken_away_with_a_code(member: Member) -> None:
    give_password(member)
    api = with_token(member.user)
    code = fresh_code(member)
    from django.utils import timezone

    LoginCode.objects.update(expires_at=timezone.now() + timedelta(minutes=5))
    assert api.post("password/removal/", {"code": code}).status_code == 204
    assert isinstance(refused(), WrongPassword)


def test_a_frozen_member_hears_of_it_only_with_the_right_password(member: Member) -> None:
    give_password(member)
    Member.objects.update(status="frozen")
    assert isinstance(refused(password="another one"), WrongPassword)
    assert isinstance(refused(), MemberFrozen)


def test_the_phone_of_a_merged_member_leads_to_whom_they_became(member: Member) -> None:
    give_password(member)
    gone = a_member(phone="13800000002")
    Member.objects.filter(pk=gone.pk).update(status="closed", merged_into=member, merged_at=AT, user=None)
    assert log_in(phone="13800000002") == member.pk


def test_what_is_no_phone_is_said_so() -> None:
    assert isinstance(refused(phone="12345"), InvalidPhone)


# ── pages ──


def enter(client: Client, member: Member) -> None:
    client.post("/login/code/", {"phone": PHONE})
    code = DevMessage.objects.latest("pk").text.split("验证码 ")[1][:6]
    client.post("/login/", {"phone": PHONE, "code": code})
    LoginCode.objects.all().delete()


def test_a_member_sets_a_password_and_stays_signed_in_while_others_leave(member: Member) -> None:
    client, elsewhere = Client(), Client()
    enter(client, member)
    enter(elsewhere, member)
    sent = client.post("/password/code/", {}, headers={"HX-Request": "true"}).content.decode()
    assert ("验证码已发送到 138****0001" in sent, "<html" in sent) == (True, False)
    code = DevMessage.objects.latest("pk").text.split("验证码 ")[1][:6]
    done = client.post("/password/", {"code": code, "password": GOOD}, follow=True)
    assert "密码已更新；其他设备已退出登录" in done.content.decode()
    assert done.content.decode().count("本机") == 1
    assert elsewhere.get("/devices/").status_code == 302
    fresh = Client()
    landed = fresh.post("/login/password/", {"phone": PHONE, "password": GOOD, "next": "/points/"})
    assert (landed.status_code, landed["Location"]) == (302, "/points/")
    assert Device.objects.filter(ended_at=None).count() == 2


def test_the_page_puts_refusals_at_their_fields_and_keeps_no_password(member: Member, client: Client) -> None:
    enter(client, member)
    page = client.post("/password/", {"code": "12", "password": GOOD})
    assert page.status_code == 422
    assert "请输入 6 位数字验证码" in page.content.decode()
    assert GOOD not in page.content.decode()
    wrong = Client().post("/login/password/", {"phone": PHONE, "password": GOOD})
    assert (wrong.status_code, "手机号或密码不正确" in wrong.content.decode()) == (422, True)
    assert GOOD not in wrong.content.decode()


def test_the_log_in_leads_nowhere_else(member: Member) -> None:
    give_password(member)
    landed = Client().post("/login/password/", {"phone": PHONE, "password": GOOD, "next": "https://evil.example/"})
    assert landed["Location"] == "/me/"
