"""Which device somebody logs in from: known by its mark, told when it is new, forgotten when it is long unused."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.utils import timezone

from config.core.crypto import blind_index
from config.outbox.models import Message as Fact
from config.outbox.services import nudging
from config.outbox.services.deliveries import deliver_all
from members.models import Device, Member, MemberTrace, Message
from members.services import api_tokens, devices, traces
from members.services.devices import Seen
from members.tasks import prune_devices
from tests.api.conftest import Api
from tests.members.factories import AT, PHONE, a_member

pytestmark = pytest.mark.django_db(transaction=True)
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0.50"
ANDROID = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/125.0 Mobile Safari/537.36"
PASSWORD = "云杉 tree 2026!"


@pytest.fixture(autouse=True)
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nudging, "_send", lambda task, kwargs: True)


@pytest.fixture
def member() -> Member:
    member = a_member()
    assert member.user is not None
    member.user.set_password(PASSWORD)
    member.user.save()
    return member


def log_in(member: Member, *, at: datetime = AT, channel: str = "mini_program", **seen: str) -> None:
    assert member.user_id is not None
    with transaction.atomic():
        api_tokens.issue(user_id=member.user_id, at=at, seen=Seen(channel=channel, **seen))


def unknown() -> int:
    """How many log-ins came from a device that was not the member's."""
    return Fact.objects.filter(event="members.NewDeviceUsed").count()


def told() -> list[tuple[str, str, str]]:
    with time_machine.travel(AT, tick=False):
        deliver_all(at=AT, fail_fast=True)
    return list(Message.objects.order_by("pk").values_list("title", "body", "link"))


def test_a_new_device_is_told_with_what_and_when_and_where_to_end_it(member: Member) -> None:
    log_in(member, user_agent=IPHONE, device_id="mine")
    log_in(member, user_agent=ANDROID, device_id="other", address="203.0.113.7")
    assert told() == [
        (
            "您的账号在新设备上登录",
            "2026-11-18 12:00，安卓手机 · Chrome 登录了您的账号（网络地址 203.0.113.*）。"
            "如果不是您本人，请立即退出该设备，设置过密码的请修改密码。",
            "/devices/",
        )
    ]


def test_the_first_device_of_all_and_one_that_is_known_are_no_news(member: Member) -> None:
    for _ in range(2):
        log_in(member, user_agent=IPHONE, device_id="mine")
    assert unknown() == 0
    log_in(member, user_agent=IPHONE, device_id="same kind, another phone")
    assert unknown() == 1


def test_without_a_mark_a_device_is_known_by_what_it_is(member: Member) -> None:
    for _ in range(2):
        log_in(member, user_agent=IPHONE)
    log_in(member, user_agent=IPHONE, device_id="now it has a mark")
    assert unknown() == 0
    log_in(member, user_agent=IPHONE, channel="h5")
    log_in(member, user_agent=ANDROID)
    assert unknown() == 2


def test_somebody_elses_device_is_not_mine(member: Member) -> None:
    log_in(a_member(phone="13800000002"), user_agent=IPHONE, device_id="theirs")
    log_in(member, user_agent=ANDROID, device_id="mine")
    log_in(member, user_agent=IPHONE, device_id="theirs")
    assert unknown() == 1
    assert traces.others_with_device(member_id=member.pk, device="theirs") != set()


def test_a_device_that_was_forgotten_before_the_telling_is_not_told(member: Member) -> None:
    log_in(member, device_id="a")
    log_in(member, device_id="b", user_agent=ANDROID)
    Device.objects.all().delete()
    assert told() == []


def test_a_log_in_by_password_leaves_the_mark_of_its_app(member: Member) -> None:
    sent = {"phone": PHONE, "password": PASSWORD, "device_id": "phone-1"}
    assert Api().post("auth/password/", sent).status_code == 200
    assert Device.objects.get().device_index == blind_index("phone-1", purpose="device")
    assert traces.others_with_device(member_id=0, device="phone-1") == {member.pk}


def test_a_browser_is_known_again_after_a_log_in_by_password(member: Member) -> None:
    client = Client(headers={"User-Agent": IPHONE})
    for _ in range(2):
        client.post("/login/password/", {"phone": PHONE, "password": PASSWORD})
        client.post("/logout/")
    assert (Device.objects.count(), Device.objects.values("device_index").distinct().count(), unknown()) == (2, 1, 0)
    assert MemberTrace.objects.get(kind="device").member_id == member.pk
    Client(headers={"User-Agent": IPHONE}).post("/login/password/", {"phone": PHONE, "password": PASSWORD})
    assert unknown() == 1


def test_devices_and_marks_long_unused_are_forgotten_but_the_latest_which_is_signed_out(member: Member) -> None:
    now = timezone.now()
    for days, mark in ((400, "a"), (200, "b"), (179, "c")):
        log_in(member, at=now - timedelta(days=days), device_id=mark)
    other = a_member(phone="13800000002")
    log_in(other, at=now - timedelta(days=400), device_id="a")
    prune_devices(limit=1)
    left = dict(Device.objects.order_by("pk").values_list("device_index", "user"))
    assert left == {
        blind_index("c", purpose="device"): member.user_id,
        blind_index("a", purpose="device"): other.user_id,
    }
    assert [row.ended_at is None for row in Device.objects.order_by("pk")] == [True, False]
    assert list(Device.objects.filter(token__isnull=False).values_list("user", flat=True)) == [member.user_id]
    seen = [traces.others_with_device(member_id=0, device=mark) for mark in ("a", "b", "c")]
    assert seen == [set(), {member.pk}, {member.pk}]


def test_a_mark_that_is_seen_again_is_kept(member: Member) -> None:
    now = timezone.now()
    for days in (400, 1):
        log_in(member, at=now - timedelta(days=days), device_id="mine")
    prune_devices()
    assert traces.others_with_device(member_id=0, device="mine") == {member.pk}
    assert Device.objects.count() == 1


def test_after_the_forgetting_an_unknown_device_is_still_told(member: Member) -> None:
    log_in(member, at=timezone.now() - timedelta(days=400), device_id="mine")
    prune_devices()
    log_in(member, device_id="not mine", user_agent=ANDROID)
    assert unknown() == 1


def test_the_forgetting_can_be_killed_and_goes_on(member: Member) -> None:
    now = timezone.now()
    for days in (400, 300, 1):
        log_in(member, at=now - timedelta(days=days), device_id=f"{days}")
    ids = list(Device.objects.order_by("pk").values_list("pk", flat=True))
    before = now - timedelta(days=180)
    with transaction.atomic():
        assert devices.prune_next(after_id=0, limit=1, before=before, at=now) == ids[0]
    assert list(Device.objects.order_by("pk").values_list("pk", flat=True)) == ids[1:]
    prune_devices()
    assert list(Device.objects.values_list("pk", flat=True)) == ids[2:]
