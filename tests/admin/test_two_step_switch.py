"""Two-step log-in once it is on: switching it off, new backup codes, where it is demanded, and who may reset it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client, override_settings
from django.urls import reverse

from config.back_office.models import BackupCode, StaffDeed, TwoStepDevice
from config.back_office.two_step import codes
from members.models import User
from tests.admin.authenticator import (
    PASSWORD,
    SET_UP,
    code_of,
    give_code,
    give_password,
    is_in,
    now,
    shown_secret,
    switch_on,
    through_both_steps,
    wrong_code_of,
)
from tests.admin.conftest import ClientWith

NOON = datetime(2026, 10, 14, 4, 0, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def lin() -> User:
    return User.objects.create_user("lin", password=PASSWORD, first_name="林", is_staff=True)


# ── switching off, new backup codes ──


def test_switching_off_needs_a_code(lin: User, clock: time_machine.Traveller) -> None:
    switch_on(lin)
    client = through_both_steps(lin, clock)
    assert "验证码不对" in client.post(SET_UP, {"code": wrong_code_of(lin), "off": "1"}).content.decode()
    assert TwoStepDevice.objects.count() == 1
    clock.shift(timedelta(seconds=2))
    assert client.post(SET_UP, {"code": code_of(lin), "off": "1"})["Location"] == SET_UP
    assert (TwoStepDevice.objects.count(), BackupCode.objects.count()) == (0, 0)
    assert is_in(client)
    assert give_password(Client()) == "/admin/"


def test_new_backup_codes_need_a_code_and_end_the_old_ones(lin: User, clock: time_machine.Traveller) -> None:
    old = switch_on(lin)
    client = through_both_steps(lin, clock)
    answer = client.post(SET_UP, {"code": code_of(lin), "renew": "1"}).content.decode()
    fresh = re.findall(r"<li><code>([A-Z0-9-]{11})</code></li>", answer)
    assert len(fresh) == 10
    other = Client()
    give_password(other)
    assert give_code(other, old[0]) == "200"
    clock.shift(timedelta(seconds=2))
    assert give_code(other, fresh[0]) == "/admin/"


# ── demanded of all staff ──

DEMANDED = override_settings(POLICIES={"staff_two_step_required": True})


@DEMANDED
def test_where_it_is_demanded_whoever_lacks_it_sets_it_up_before_anything_else(lin: User) -> None:
    client = Client()
    assert give_password(client) == "/admin/"
    assert client.get("/admin/")["Location"] == f"{SET_UP}?next=/admin/"
    page = client.get(f"{SET_UP}?next=/admin/").content.decode()
    assert "店铺要求所有员工开启两步验证" in page
    assert "经营看板" not in page
    secret = shown_secret(client)
    answer = client.post(SET_UP, {"code": codes.code_at(secret=secret, step=codes.step_at(now())), "next": "/admin/"})
    assert 'href="/admin/"' in answer.content.decode()
    assert is_in(client)


@DEMANDED
def test_where_it_is_demanded_nobody_switches_it_off(lin: User, clock: time_machine.Traveller) -> None:
    switch_on(lin)
    client = through_both_steps(lin, clock)
    assert "关闭两步验证" not in client.get(SET_UP).content.decode()
    answer = client.post(SET_UP, {"code": code_of(lin), "off": "1"}).content.decode()
    assert "店铺要求所有员工开启两步验证，不能关闭" in answer
    assert TwoStepDevice.objects.count() == 1


# ── the owner's page ──


def test_the_owner_resets_the_device_of_whoever_lost_the_phone(lin: User, owner: Client) -> None:
    switch_on(lin)
    device = TwoStepDevice.objects.get()
    page = reverse("admin:back_office_twostepdevice_changelist")
    answer = owner.post(page, {"action": "reset", "_selected_action": [device.pk]}, follow=True)
    assert "已重置：lin" in answer.content.decode()
    assert TwoStepDevice.objects.count() == 0
    gone = TwoStepDevice.history.get(id=device.pk, history_type="-")  # type: ignore[attr-defined]
    assert gone.history_user.username == "owner"
    assert list(StaffDeed.objects.order_by("id").values_list("user__username", "kind", "text")) == [
        ("owner", "act", "已重置 lin 的两步验证"),
        ("owner", "delete", ""),
    ]
    assert give_password(Client()) == "/admin/"


def test_owners_don_t_reset_their_own(owner: Client) -> None:
    user = User.objects.get(username="owner")
    switch_on(user)
    give_code(owner, code_of(user))
    form = {"action": "reset", "_selected_action": [TwoStepDevice.objects.get().pk]}
    answer = owner.post(reverse("admin:back_office_twostepdevice_changelist"), form, follow=True)
    assert "自己的两步验证请在右上角" in answer.content.decode()
    assert TwoStepDevice.objects.count() == 1


def test_nobody_but_owners_sees_or_resets_devices(lin: User, staff_with: ClientWith) -> None:
    switch_on(lin)
    clerk = staff_with("back_office.view_twostepdevice", "back_office.delete_twostepdevice")
    page = reverse("admin:back_office_twostepdevice_changelist")
    assert clerk.get(page).status_code == 403
    form = {"action": "reset", "_selected_action": [TwoStepDevice.objects.get().pk]}
    assert clerk.post(page, form).status_code == 403
    assert TwoStepDevice.objects.count() == 1


def test_a_command_helps_the_only_owner_who_lost_everything(lin: User, capsys: pytest.CaptureFixture[str]) -> None:
    switch_on(lin)
    call_command("two_step_off", "lin")
    call_command("two_step_off", "lin")
    assert capsys.readouterr().out.splitlines() == ["两步验证已关闭，下次登录只需要密码", "这个账号没有开启两步验证"]
    with pytest.raises(CommandError, match="没有这个员工账号：nobody"):
        call_command("two_step_off", "nobody")
