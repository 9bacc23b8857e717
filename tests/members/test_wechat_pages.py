"""Logging in on pages inside WeChat: one state for one session, bound once, never led astray."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.utils import timezone

from config.outbox.models import Message as Fact
from members.models import Device, DevMessage, Identity, Member, MemberTrace
from members.services import identities
from members.services.identities import External
from members.services.imports import create_members_by_phone
from members.wechat import calls
from tests.members.factories import AT, PHONE, a_member
from tests.members.loopback import Server, listening
from tests.members.wechat_server import SETTINGS, Wechat

pytestmark = pytest.mark.django_db(transaction=True)
INSIDE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0.50"
LOST = "微信登录没有完成，请重试或使用手机号验证码登录"


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
def client() -> Client:
    return Client(headers={"User-Agent": INSIDE})


def go(client: Client, address: str = "/login/?next=/points/") -> dict[str, str]:
    """Follow a page to WeChat; what it was sent there with."""
    response = client.get(address)
    parts = urlsplit(response["Location"])
    assert (response.status_code, f"{parts.scheme}://{parts.netloc}{parts.path}") == (302, SETTINGS["authorize_url"])
    assert parts.fragment == "wechat_redirect"
    return {name: values[0] for name, values in parse_qs(parts.query).items()}


def come_back(client: Client, wechat: Wechat, state: str, openid: str = "o-1"):
    wechat.people["code"] = {"openid": openid, "access_token": "a", "expires_in": 7200, "scope": "snsapi_base"}
    return client.get("/login/wechat/back/", {"code": "code", "state": state})


def show_phone(client: Client, phone: str = PHONE):
    client.post("/login/code/", {"phone": phone})
    code = DevMessage.objects.latest("pk").text.split("验证码 ")[1][:6]
    return client.post("/login/", {"phone": phone, "code": code, "next": "/points/"})


def bound_member(openid: str = "o-1", phone: str = PHONE) -> Member:
    member = a_member(phone=phone)
    with transaction.atomic():
        identities.bind(member_id=member.pk, who=External(provider="wechat_official", openid=openid), at=AT)
    return member


def test_a_log_in_by_wechat_leaves_the_mark_of_its_browser_which_is_known_next_time(
    client: Client, wechat: Wechat
) -> None:
    bound_member()
    for _ in range(2):
        come_back(client, wechat, go(client, "/login/wechat/")["state"])
        client.post("/logout/")
    first, second = Device.objects.order_by("pk")
    assert (first.device_index != "", first.device_index == second.device_index) == (True, True)
    assert MemberTrace.objects.get(kind="device").member.phone == PHONE
    assert not Fact.objects.filter(event="members.NewDeviceUsed").exists()


def test_the_log_in_page_leaves_for_wechat_unasked_the_first_time(client: Client) -> None:
    sent = go(client)
    assert (sent["appid"], sent["scope"], sent["response_type"]) == ("wx-official", "snsapi_base", "code")
    assert sent["redirect_uri"] == "http://testserver/login/wechat/back/"
    assert len(sent["state"]) >= 32
    again = client.get("/login/")
    assert again.status_code == 200
    assert "微信一键登录" in again.content.decode()


def test_elsewhere_the_page_just_asks_for_a_phone(settings) -> None:
    page = Client().get("/login/")
    assert (page.status_code, "微信一键登录" in page.content.decode()) == (200, False)
    assert Client().get("/login/wechat/")["Location"] == "/login/"
    settings.WECHAT = {**settings.WECHAT, "official_app_id": ""}
    assert Client(headers={"User-Agent": INSIDE}).get("/login/").status_code == 200


def test_somebody_known_is_signed_in_and_led_on(client: Client, wechat: Wechat) -> None:
    member = bound_member()
    landed = come_back(client, wechat, go(client)["state"])
    assert (landed.status_code, landed["Location"]) == (302, "/points/")
    assert member.number in client.get("/code/").content.decode()


def test_somebody_unknown_shows_a_phone_once(client: Client, wechat: Wechat) -> None:
    landed = come_back(client, wechat, go(client)["state"])
    assert landed["Location"] == "/login/?next=%2Fpoints%2F"
    assert not Member.objects.exists()
    assert show_phone(client)["Location"] == "/points/"
    identity = Identity.objects.get()
    assert (identity.provider, identity.openid, identity.member.phone) == ("wechat_official", "o-1", PHONE)
    other = Client(headers={"User-Agent": INSIDE})
    assert come_back(other, wechat, go(other)["state"])["Location"] == "/points/"
    assert Member.objects.count() == 1


def test_a_phone_known_to_the_till_alone_becomes_the_same_person(client: Client, wechat: Wechat) -> None:
    with transaction.atomic():
        member_id = create_members_by_phone(phones=[PHONE], at=AT)[PHONE]
    come_back(client, wechat, go(client)["state"])
    show_phone(client)
    assert (Member.objects.get().pk, Identity.objects.get().member_id) == (member_id, member_id)


def test_the_ticket_does_not_outlive_the_log_in(client: Client, wechat: Wechat) -> None:
    come_back(client, wechat, go(client)["state"])
    show_phone(client)
    assert "wechat_ticket" not in client.session


@pytest.mark.parametrize("state", ["", "forged", "状态", "x" * 5000])
def test_a_state_that_is_not_this_sessions_signs_nobody_in(client: Client, wechat: Wechat, state: str) -> None:
    bound_member()
    go(client)
    landed = come_back(client, wechat, state)
    assert landed["Location"] == "/login/"
    assert LOST in client.get("/login/").content.decode()
    assert "code" in wechat.people


def test_a_state_of_another_session_signs_nobody_in(client: Client, wechat: Wechat) -> None:
    bound_member()
    victim = Client(headers={"User-Agent": INSIDE})
    landed = come_back(victim, wechat, go(client)["state"])
    assert landed["Location"] == "/login/"
    assert victim.get("/points/").status_code == 302


def test_a_state_works_once_and_for_ten_minutes(client: Client, wechat: Wechat) -> None:
    bound_member()
    state = go(client)["state"]
    come_back(client, wechat, state)
    client.post("/logout/")
    assert come_back(client, wechat, state)["Location"] == "/login/"
    state = go(client, "/login/wechat/")["state"]
    with time_machine.travel(timezone.now() + timedelta(minutes=10, seconds=2), tick=False):
        assert come_back(client, wechat, state)["Location"] == "/login/"


def test_who_says_no_to_wechat_logs_in_by_phone(client: Client) -> None:
    state = go(client)["state"]
    assert client.get("/login/wechat/back/", {"state": state})["Location"] == "/login/"
    assert LOST in client.get("/login/").content.decode()


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_led_off_the_site(client: Client, wechat: Wechat, target: str) -> None:
    bound_member()
    state = go(client, f"/login/wechat/?next={target}")["state"]
    assert come_back(client, wechat, state)["Location"] == "/me/"


def test_logging_out_is_not_undone_unasked(client: Client, wechat: Wechat) -> None:
    bound_member()
    come_back(client, wechat, go(client)["state"])
    client.post("/logout/")
    assert client.get("/login/").status_code == 200


def test_what_wechat_refuses_is_said_on_the_page(client: Client, wechat: Wechat) -> None:
    state = go(client)["state"]
    wechat.next_errors = [40226]
    assert client.get("/login/wechat/back/", {"code": "code", "state": state})["Location"] == "/login/"
    assert "微信限制了该账号登录，请改用手机号验证码登录" in client.get("/login/").content.decode()


def test_a_signed_in_member_binds_and_unbinds_their_wechat(client: Client, wechat: Wechat) -> None:
    go(client)
    show_phone(client)
    assert "绑定当前微信" in client.get("/devices/").content.decode()
    landed = come_back(client, wechat, go(client, "/login/wechat/")["state"])
    assert landed["Location"] == "/devices/"
    page = client.get("/devices/").content.decode()
    assert ("微信公众号" in page, "已绑定微信" in page) == (True, True)
    identity = Identity.objects.get()
    stranger = Client()
    assert stranger.post(f"/devices/wechat/{identity.pk}/unbind/").status_code == 302
    assert Identity.objects.exists()
    client.post(f"/devices/wechat/{identity.pk}/unbind/")
    assert not Identity.objects.exists()


def test_a_wechat_of_another_member_is_not_taken_over(client: Client, wechat: Wechat) -> None:
    owner = bound_member(phone="13800000002")
    go(client)
    show_phone(client)
    landed = come_back(client, wechat, go(client, "/login/wechat/")["state"])
    assert landed["Location"] == "/devices/"
    assert "该微信已绑定其他会员" in client.get("/devices/").content.decode()
    assert Identity.objects.get().member_id == owner.pk


def test_another_members_identity_cannot_be_unbound(client: Client) -> None:
    bound_member(phone="13800000002")
    go(client)
    show_phone(client)
    assert client.post(f"/devices/wechat/{Identity.objects.get().pk}/unbind/").status_code == 404
    assert Identity.objects.exists()
