"""Logging in from the mini-program: known at once, unknown by phone, one person in the end."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from config.core.crypto import encrypt
from config.core.db import fetch_one
from config.outbox.models import Message as Fact
from members.models import Device, DevMessage, Identity, LoginCode, Member
from members.services import identities, imports, traces
from members.services.identities import External
from members.wechat import calls
from points import ledger
from tests.api.conftest import Api
from tests.members.factories import AT, PHONE, a_member
from tests.members.loopback import Server, listening
from tests.members.wechat_server import SETTINGS, Wechat, chinese_phone

pytestmark = pytest.mark.django_db(transaction=True)
PHONE_UA = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) MicroMessenger/8.0.50 miniProgram/wx-mini"


@pytest.fixture
def wechat(monkeypatch) -> Wechat:
    monkeypatch.setattr(calls, "_PAUSES", (0, 0))
    return Wechat()


@pytest.fixture(autouse=True)
def server(wechat: Wechat, settings) -> Iterator[Server]:
    with listening(wechat.answer) as server:
        settings.WECHAT = {**SETTINGS, "base_url": server.base_url}
        yield server


@pytest.fixture
def open_app(wechat: Wechat):
    """Open the mini-program as somebody; what the API answers."""

    def open_app(openid: str = "o-1", unionid: str = "", **more):
        wechat.people["code"] = {"openid": openid, **({"unionid": unionid} if unionid else {})}
        return Api().post("sessions/mini-program/", {"code": "code", **more}, HTTP_USER_AGENT=PHONE_UA)

    return open_app


@pytest.fixture
def show_phone(wechat: Wechat):
    """Press the phone button with a ticket; what the API answers."""

    def show_phone(ticket: str, phone: str = PHONE, country: object = "86"):
        wechat.phones["p"] = chinese_phone(phone, country)
        return Api().post("sessions/mini-program/phone/", {"ticket": ticket, "phone_code": "p"})

    return show_phone


def test_somebody_unknown_gets_a_ticket_and_nothing_is_stored(open_app) -> None:
    answer = open_app()
    assert answer.status_code == 200
    assert answer.json()["login"] is None
    assert "o-1" not in answer.json()["ticket"]
    assert (Member.objects.count(), Identity.objects.count(), Device.objects.count()) == (0, 0, 0)


def test_every_log_in_leaves_the_mark_of_its_phone_and_an_unknown_one_is_a_fact(open_app, show_phone) -> None:
    show_phone(open_app().json()["ticket"])
    open_app(device_id="phone-1")
    assert Fact.objects.filter(event="members.NewDeviceUsed").count() == 1
    open_app(device_id="phone-1")
    assert Fact.objects.filter(event="members.NewDeviceUsed").count() == 1
    member = Member.objects.get()
    assert traces.others_with_device(member_id=0, device="phone-1") == {member.pk}
    assert Device.objects.exclude(device_index="").count() == 2


def test_the_phone_button_registers_and_next_time_the_code_alone_logs_in(open_app, show_phone) -> None:
    first = show_phone(open_app().json()["ticket"])
    assert (first.status_code, first.json()["is_new"]) == (200, True)
    member = Member.objects.get()
    assert (member.phone, member.channel) == (PHONE, "mini_program")
    again = open_app().json()
    assert (again["ticket"], again["login"]["is_new"]) == (None, False)
    assert again["login"]["member"]["number"] == member.number
    api = Api()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {again['login']['token']}")
    assert api.get("me/").json()["member"]["number"] == member.number


def test_the_openid_is_sealed_and_found_by_its_index(open_app, show_phone) -> None:
    show_phone(open_app().json()["ticket"])
    stored = fetch_one("SELECT openid, openid_index FROM members_identity", {})
    assert stored is not None
    assert "o-1" not in "".join(stored)
    assert Identity.objects.get().openid == "o-1"


def test_a_known_phone_is_joined_and_not_registered_again(open_app, show_phone) -> None:
    member = a_member()
    answer = show_phone(open_app().json()["ticket"])
    assert answer.json()["is_new"] is False
    assert (Member.objects.get().pk, Identity.objects.get().member_id) == (member.pk, member.pk)


def test_a_member_known_to_an_import_alone_becomes_the_same_person(open_app, show_phone) -> None:
    with transaction.atomic():
        imported = imports.create_members_by_phone(phones=[PHONE], at=AT)[PHONE]
        account = Member.objects.get(pk=imported).points_account_id
        ledger.earn(account=account, points=300, key="import:A1", source="import", at=AT)
    assert Member.objects.get().user_id is None
    answer = show_phone(open_app().json()["ticket"])
    assert answer.json()["is_new"] is False
    member = Member.objects.get()
    assert (member.pk, member.user_id is None) == (imported, False)
    assert ledger.balance(account=member.points_account_id, at=timezone.now()).spendable == 300


def test_a_sms_code_can_take_the_place_of_the_phone_button(open_app) -> None:
    ticket = open_app().json()["ticket"]
    Api().post("auth/codes/", {"phone": PHONE})
    code = DevMessage.objects.latest("pk").text.split("验证码 ")[1][:6]
    answer = Api().post("auth/login/", {"phone": PHONE, "code": code, "ticket": ticket})
    assert (answer.status_code, answer.json()["is_new"]) == (200, True)
    assert open_app().json()["login"]["member"]["number"] == Member.objects.get().number


def test_one_person_in_two_apps_of_the_company_is_recognised(open_app, show_phone) -> None:
    member = a_member()
    with transaction.atomic():
        who = External(provider="wechat_official", openid="page-1", unionid="u-1")
        identities.bind(member_id=member.pk, who=who, at=AT)
    assert open_app("o-9", "u-1").json()["login"]["member"]["number"] == member.number
    assert sorted(Identity.objects.values_list("provider", flat=True)) == ["wechat_mini", "wechat_official"]


def test_a_unionid_that_two_members_share_logs_nobody_in(open_app) -> None:
    for number, phone in enumerate(("13800000001", "13800000002")):
        with transaction.atomic():
            who = External(provider="wechat_official", openid=f"page-{number}", unionid="u-1")
            identities.bind(member_id=a_member(phone=phone).pk, who=who, at=AT)
    assert open_app("o-9", "u-1").json()["login"] is None


def test_codes_are_used_once(open_app) -> None:
    open_app()
    answer = Api().post("sessions/mini-program/", {"code": "code"})
    assert (answer.status_code, answer.json()["code"]) == (400, "wechat_code_spent")
    assert answer.json()["fields"] == {"code": ["微信授权已失效，请重新点一次"]}


@pytest.mark.parametrize("status", ["frozen", "closed"])
def test_a_member_who_is_not_active_is_refused(open_app, show_phone, status: str) -> None:
    show_phone(open_app().json()["ticket"])
    Member.objects.update(status=status)
    assert (open_app().status_code, open_app().json()["code"]) == (403, f"member_{status}")


@pytest.mark.parametrize("ticket", ["x", "2026:AAAA", "dev:", "票", "x" * 2000])
def test_a_ticket_that_is_none_of_ours_is_refused(show_phone, ticket: str) -> None:
    answer = show_phone(ticket)
    assert (answer.status_code, answer.json()["code"]) == (400, "ticket_spent")
    assert not Member.objects.exists()


def test_a_ticket_ends_after_a_quarter_of_an_hour(open_app, show_phone) -> None:
    ticket = open_app().json()["ticket"]
    with time_machine.travel(timezone.now() + timedelta(minutes=15, seconds=1), tick=False):
        assert show_phone(ticket).json()["code"] == "ticket_spent"
    assert not Member.objects.exists()


def test_a_value_sealed_for_something_else_is_no_ticket(show_phone) -> None:
    forged = encrypt('["wechat_mini", "o-1", "", 9999999999]', context="members.member.phone")
    assert show_phone(forged).json()["code"] == "ticket_spent"


def test_a_ticket_of_a_page_is_none_of_the_mini_program(show_phone) -> None:
    ticket = identities.seal(who=External(provider="wechat_official", openid="o-1"), at=timezone.now())
    assert show_phone(ticket.text).json()["code"] == "ticket_spent"


def test_an_identity_bound_meanwhile_to_another_is_not_taken_over(open_app, show_phone) -> None:
    ticket = open_app().json()["ticket"]
    show_phone(open_app().json()["ticket"], "13800000002")
    answer = show_phone(ticket)
    assert (answer.status_code, answer.json()["code"]) == (409, "identity_taken")
    assert (Member.objects.count(), Identity.objects.count()) == (1, 1)


def test_the_same_ticket_twice_is_the_same_member(open_app, show_phone) -> None:
    ticket = open_app().json()["ticket"]
    numbers = {show_phone(ticket).json()["member"]["number"] for _ in range(2)}
    assert (len(numbers), Identity.objects.count()) == (1, 1)


def test_a_foreign_phone_registers_nobody(open_app, show_phone) -> None:
    answer = show_phone(open_app().json()["ticket"], "51234567", "852")
    assert (answer.status_code, answer.json()["code"]) == (400, "foreign_phone")
    assert not Member.objects.exists()


def test_a_shop_without_a_mini_program_says_so(open_app, settings) -> None:
    settings.WECHAT = {**settings.WECHAT, "mini_app_id": ""}
    answer = open_app()
    assert (answer.status_code, answer.json()["code"]) == (404, "wechat_switched_off")


def test_the_device_is_noted_by_what_it_says_or_shows(open_app, show_phone) -> None:
    show_phone(open_app().json()["ticket"])
    open_app(device_name="小杉的手机")
    open_app()
    names = list(Device.objects.order_by("pk").values_list("name", flat=True))
    assert names[1:] == ["小杉的手机", "iPhone · 微信小程序"]
    assert LoginCode.objects.count() == 0
