"""Where a member is signed in: noted, listed, ended; another's device is none of theirs."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken

from members.models import Device, DevMessage, LoginCode, Member
from members.rules.devices import device_name, masked_address
from tests.api.conftest import Api, with_token
from tests.members.factories import a_member

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0.50"
ANDROID = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/125.0 Mobile Safari/537.36"


@pytest.mark.parametrize(
    ("user_agent", "said", "name"),
    [
        (IPHONE, "", "iPhone · 微信"),
        (IPHONE + " miniProgram/wx1", "", "iPhone · 微信小程序"),
        (ANDROID, "", "安卓手机 · Chrome"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64) Chrome/125 Safari/537.36 Edg/125", "", "Windows 电脑 · Edge"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X) Version/17 Safari/605.1", "", "Mac 电脑 · Safari"),
        ("curl/8", "", "未知设备"),
        ("", "", "未知设备"),
        (IPHONE, "  小杉的\u202e\n手机 📱", "小杉的 手机 📱"),
        ("", "x" * 500, "x" * 40),
    ],
)
def test_a_device_is_called_as_its_owner_knows_it(user_agent: str, said: str, name: str) -> None:
    assert device_name(user_agent=user_agent, said=said) == name


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("203.0.113.7", "203.0.113.*"),
        ("2001:db8:1:2::3", "2001:0db8:0001:*"),
        ("", ""),
        ("not an address", ""),
    ],
)
def test_an_address_is_masked_before_it_is_kept(address: str, masked: str) -> None:
    assert masked_address(address) == masked


@pytest.fixture
def member(db) -> Member:
    return a_member()


def ids(api: Api) -> list[tuple[str, bool]]:
    return [(row["name"], row["is_current"]) for row in api.get("devices/").json()]


def test_devices_are_listed_with_the_asking_one_first(member: Member, django_assert_num_queries) -> None:
    mine, other = with_token(member.user), with_token(member.user)
    Device.objects.update(name="手机")
    assert ids(mine) == [("手机", True), ("手机", False)]
    with django_assert_num_queries(2):
        other.get("devices/")


def test_one_device_is_ended_and_its_token_is_worthless(member: Member) -> None:
    mine, other = with_token(member.user), with_token(member.user)
    theirs = next(row["id"] for row in mine.get("devices/").json() if not row["is_current"])
    assert mine.delete(f"devices/{theirs}/").status_code == 204
    assert other.get("me/").status_code == 401
    assert other.get("me/").json()["message"] == "登录已失效，请重新登录"
    assert mine.get("me/").status_code == 200
    assert mine.delete(f"devices/{theirs}/").status_code == 404
    ended = Device.objects.get(pk=theirs)
    assert (ended.token_id, ended.ended_at is None) == (None, False)


def test_all_others_are_ended_at_once_browsers_too(member: Member, client: Client) -> None:
    mine, other = with_token(member.user), with_token(member.user)
    client.force_login(member.user, backend="members.sign_in_backend.MemberBackend")
    Device.objects.create(
        user=member.user,
        name="Mac 电脑 · Safari",
        channel="h5",
        session_key=client.session.session_key,
        signed_in_at=timezone.now(),
        last_used_at=timezone.now(),
    )
    assert len(ids(mine)) == 3
    assert mine.delete("devices/").status_code == 204
    assert (other.get("me/").status_code, mine.get("me/").status_code) == (401, 200)
    assert [name for name, _ in ids(mine)] == ["未知设备"]
    assert AuthToken.objects.count() == 1


def test_the_device_of_another_member_is_not_found_and_stays(member: Member) -> None:
    stranger = a_member(phone="13800000002")
    mine, other = with_token(member.user), with_token(stranger.user)
    theirs = other.get("devices/").json()[0]["id"]
    answer = mine.delete(f"devices/{theirs}/")
    assert (answer.status_code, answer.json()["message"]) == (404, "内容不存在或已失效")
    assert other.get("me/").status_code == 200


@pytest.mark.parametrize("device_id", ["0", "9999999999999999999999", "x", "-1"])
def test_what_is_no_device_is_not_found(member: Member, device_id: str) -> None:
    assert with_token(member.user).delete(f"devices/{device_id}/").status_code == 404


def test_logging_out_everywhere_ends_every_device(member: Member) -> None:
    mine, other = with_token(member.user), with_token(member.user)
    assert mine.post("auth/logout-all/").status_code == 204
    assert [api.get("me/").status_code for api in (mine, other)] == [401, 401]
    assert Device.objects.filter(ended_at=None).count() == 0


def test_use_is_noted_by_the_hour(member: Member) -> None:
    api = with_token(member.user)
    start = Device.objects.get().last_used_at
    with time_machine.travel(start + timedelta(minutes=59), tick=False):
        api.get("me/")
    assert Device.objects.get().last_used_at == start
    later = start + timedelta(minutes=61)
    with time_machine.travel(later, tick=False):
        api.get("me/")
    assert Device.objects.get().last_used_at == later


def test_a_token_that_has_run_out_is_no_device(member: Member) -> None:
    mine, _ = with_token(member.user), with_token(member.user)
    AuthToken.objects.filter(device__isnull=False).order_by("created").update(expiry=timezone.now() + timedelta(days=9))
    AuthToken.objects.filter(pk=AuthToken.objects.order_by("created").last().pk).update(expiry=timezone.now())
    assert len(ids(mine)) == 1


# ── pages ──


def signed_in(user_agent: str = IPHONE, phone: str = "13800000001") -> Client:
    client = Client(headers={"User-Agent": user_agent})
    client.post("/login/code/", {"phone": phone})
    code = DevMessage.objects.latest("pk").text.split("验证码 ")[1][:6]
    client.post("/login/", {"phone": phone, "code": code})
    LoginCode.objects.all().delete()
    return client


@pytest.mark.django_db(transaction=True)
def test_a_browser_is_noted_shown_and_signed_out_by_another() -> None:
    phone, tablet = signed_in(), signed_in(ANDROID)
    page = phone.get("/devices/").content.decode()
    assert page.count("本机") == 1
    assert ("iPhone · 微信" in page, "安卓手机 · Chrome" in page, "127.0.0.*" in page) == (True, True, True)
    other = Device.objects.get(name="安卓手机 · Chrome")
    phone.post(f"/devices/{other.pk}/end/")
    assert tablet.get("/devices/").status_code == 302
    assert phone.get("/devices/").status_code == 200
    assert phone.post(f"/devices/{other.pk}/end/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_all_other_browsers_and_apps_are_signed_out_at_once() -> None:
    phone, tablet = signed_in(), signed_in(ANDROID)
    api = with_token(Member.objects.get().user)
    done = phone.post("/devices/end-others/", follow=True).content.decode()
    assert "已退出其他 2 台设备" in done
    assert (tablet.get("/devices/").status_code, api.get("me/").status_code) == (302, 401)
    assert "没有其他登录中的设备" in phone.post("/devices/end-others/", follow=True).content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_device_of_another_member_stays_signed_in() -> None:
    mine, theirs = signed_in(), signed_in(phone="13800000002")
    other = Device.objects.exclude(user__member__phone_last4="0001").get()
    assert mine.post(f"/devices/{other.pk}/end/").status_code == 404
    assert theirs.get("/devices/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_signing_out_ends_the_device() -> None:
    signed_in().post("/logout/")
    device = Device.objects.get()
    assert (device.session_key, device.ended_at is None) == ("", False)


@pytest.mark.django_db(transaction=True)
def test_a_sessions_use_is_noted_by_the_hour() -> None:
    client = signed_in()
    start = Device.objects.get().last_used_at
    client.get("/points/")
    assert Device.objects.get().last_used_at == start
    later = start + timedelta(minutes=61)
    with time_machine.travel(later, tick=False):
        client.get("/points/")
    assert Device.objects.get().last_used_at == later
