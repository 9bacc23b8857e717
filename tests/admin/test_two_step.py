"""Two-step log-in: switching it on and off, the code after the password, and who may reset it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from axes.models import AccessAttempt
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.back_office.models import BackupCode, TwoStepDevice
from config.back_office.two_step import codes
from members.models import User
from tests.admin.authenticator import (
    CODE,
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
from tests.members.factories import a_member

NOON = datetime(2026, 10, 14, 4, 0, 15, tzinfo=UTC)
TO_CODE = f"{CODE}?next=/admin/"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def lin() -> User:
    return User.objects.create_user("lin", password=PASSWORD, first_name="林", is_staff=True)


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


# ── switching on ──


def test_staff_switch_it_on_with_a_code_of_their_app_and_see_ten_backup_codes_once(lin: User) -> None:
    client = logged_in(lin)
    secret = shown_secret(client)
    assert shown_secret(client) == secret
    assert "<svg" in client.get(SET_UP).content.decode()
    answer = client.post(SET_UP, {"code": codes.code_at(secret=secret, step=codes.step_at(now()))})
    backup = re.findall(r"<li><code>([A-Z0-9]{5}-[A-Z0-9]{5})</code></li>", answer.content.decode())
    assert len(set(backup)) == 10
    again = client.get(SET_UP).content.decode()
    assert "还剩 <strong>10</strong> 个" in again
    assert secret not in again.replace(" ", "")
    assert not any(code in again for code in backup)
    assert is_in(client)


def test_neither_the_secret_nor_a_backup_code_is_stored_in_clear(lin: User) -> None:
    backup = switch_on(lin)
    device = TwoStepDevice.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM back_office_twostepdevice")
        stored = cursor.fetchone()[0]
    assert device.secret not in stored
    hashes = set(BackupCode.objects.values_list("code_index", flat=True))
    assert {len(one) for one in hashes} == {64}
    assert not hashes & {code.replace("-", "") for code in backup}


@pytest.mark.parametrize("code", ["", "000000", "abc", "1" * 500, "١٢٣٤٥٦", "\x00", "' OR 1=1"])
def test_a_wrong_first_code_switches_nothing_on(lin: User, code: str) -> None:
    client = logged_in(lin)
    shown_secret(client)
    answer = client.post(SET_UP, {"code": code})
    assert answer.status_code == 200
    assert len(answer.context["form"].errors["code"]) == 1
    assert TwoStepDevice.objects.count() == 0


def test_a_page_left_open_for_half_an_hour_shows_a_new_secret(lin: User, clock: time_machine.Traveller) -> None:
    client = logged_in(lin)
    secret = shown_secret(client)
    clock.shift(timedelta(minutes=31))
    assert shown_secret(client) != secret


def test_the_first_code_opens_no_log_in_after_it(lin: User) -> None:
    client = logged_in(lin)
    code = codes.code_at(secret=shown_secret(client), step=codes.step_at(now()))
    client.post(SET_UP, {"code": code})
    other = Client()
    give_password(other)
    assert give_code(other, code) == "200"
    assert not is_in(other)


# ── logging in ──


def test_the_password_alone_logs_nobody_in(lin: User) -> None:
    switch_on(lin)
    client = Client()
    assert give_password(client) == TO_CODE
    assert "_auth_user_id" not in client.session
    assert client.get("/admin/")["Location"] == "/admin/login/?next=/admin/"
    assert "lin，密码正确" in client.get(TO_CODE).content.decode()
    assert give_code(client, code_of(lin)) == "/admin/"
    assert is_in(client)


def test_without_a_device_the_password_is_enough(lin: User) -> None:
    client = Client()
    assert give_password(client) == "/admin/"
    assert is_in(client)


@pytest.mark.parametrize(("steps", "opens"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_phones_clock_may_be_one_step_off(lin: User, steps: int, opens: bool) -> None:
    switch_on(lin)
    client = Client()
    give_password(client)
    assert (give_code(client, code_of(lin, steps=steps)) == "/admin/") is opens
    assert is_in(client) is opens


def test_a_code_is_taken_once(lin: User) -> None:
    switch_on(lin)
    code = code_of(lin)
    for opens in (True, False):
        client = Client()
        give_password(client)
        give_code(client, code)
        assert is_in(client) is opens


def test_after_a_code_no_older_one_is_taken(lin: User) -> None:
    switch_on(lin)
    older, newer = code_of(lin), code_of(lin, steps=1)
    for code, opens in ((newer, True), (older, False)):
        client = Client()
        give_password(client)
        give_code(client, code)
        assert is_in(client) is opens


def test_codes_may_be_typed_as_phones_write_them(lin: User) -> None:
    switch_on(lin)
    client = Client()
    give_password(client)
    digits = code_of(lin)
    wide = "".join(chr(ord(one) + 0xFEE0) for one in digits)
    assert give_code(client, f" {wide[:3]} {wide[3:]} ") == "/admin/"


def test_a_backup_code_opens_once_and_says_how_many_are_left(lin: User) -> None:
    backup = switch_on(lin)[3]
    client = Client()
    give_password(client)
    assert give_code(client, backup.lower().replace("-", " ")) == "/admin/"
    assert "还剩 9 个" in client.get("/admin/").content.decode()
    again = Client()
    give_password(again)
    assert give_code(again, backup) == "200"
    assert not is_in(again)


def test_the_code_must_follow_the_password_soon(lin: User, clock: time_machine.Traveller) -> None:
    switch_on(lin)
    client = Client()
    give_password(client)
    clock.shift(timedelta(minutes=10, seconds=1))
    assert give_code(client, code_of(lin)) == "/admin/login/?next=/admin/"
    assert not is_in(client)


def test_a_password_changed_between_the_steps_ends_the_log_in(lin: User) -> None:
    switch_on(lin)
    client = Client()
    give_password(client)
    lin.set_password("another-password-2")
    lin.save()
    assert give_code(client, code_of(lin)) == "/admin/login/?next=/admin/"


@pytest.mark.parametrize("field", ["is_active", "is_staff"])
def test_whoever_leaves_between_the_steps_stays_out(lin: User, field: str) -> None:
    switch_on(lin)
    client = Client()
    give_password(client)
    User.objects.filter(pk=lin.pk).update(**{field: False})
    assert give_code(client, code_of(lin)) == "/admin/login/?next=/admin/"


def test_a_code_without_a_password_before_it_opens_nothing(lin: User) -> None:
    switch_on(lin)
    client = Client()
    assert give_code(client, code_of(lin)) == "/admin/login/?next=/admin/"
    assert TwoStepDevice.objects.get().last_step == 0


@pytest.mark.parametrize("goal", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_the_log_in_leads_to_no_other_site(lin: User, goal: str) -> None:
    switch_on(lin)
    client = Client()
    give_password(client)
    assert give_code(client, code_of(lin), goal=goal) == "/admin/"


def test_the_log_in_leads_to_the_page_that_was_asked_for(lin: User) -> None:
    switch_on(lin)
    client = Client()
    goal = reverse("admin:mall_order_changelist")
    form = {"username": "lin", "password": PASSWORD}
    assert client.post(f"/admin/login/?next={goal}", form)["Location"] == f"{CODE}?next={goal}"
    assert give_code(client, code_of(lin), goal=goal) == goal


# ── guessing ──


def test_the_more_wrong_codes_the_longer_no_code_is_looked_at(lin: User, clock: time_machine.Traveller) -> None:
    switch_on(lin)
    client = Client()
    give_password(client)
    for wait in (1, 2, 4):
        assert give_code(client, wrong_code_of(lin)) == "200"
        answer = client.post(CODE, {"code": code_of(lin)}).content.decode()
        assert f"请在 {wait} 秒后再试" in answer
        clock.shift(timedelta(seconds=wait))
    assert TwoStepDevice.objects.get().failures == 3
    assert give_code(client, code_of(lin)) == "/admin/"
    assert TwoStepDevice.objects.get().failures == 0


def test_the_wait_holds_for_every_address_and_ends_at_a_quarter_of_an_hour(lin: User) -> None:
    switch_on(lin)
    TwoStepDevice.objects.update(failures=40, failed_at=now())
    client = Client(REMOTE_ADDR="203.0.113.99")
    give_password(client)
    assert "请在 900 秒后再试" in client.post(CODE, {"code": code_of(lin)}).content.decode()


def test_wrong_passwords_and_wrong_codes_count_together_and_a_right_password_forgets_none(
    lin: User, clock: time_machine.Traveller
) -> None:
    switch_on(lin)
    client = Client()
    for _ in range(3):
        assert give_password(client, password="guess") == "200"
    assert give_password(client) == TO_CODE
    assert AccessAttempt.objects.get().failures_since_start == 3
    assert give_code(client, wrong_code_of(lin)) == "200"
    clock.shift(timedelta(seconds=1))
    assert give_code(client, wrong_code_of(lin)) == "429"
    answer = client.post(CODE, {"code": code_of(lin)})
    assert (answer.status_code, answer["Retry-After"]) == (429, "900")
    assert "请在 15 分钟后再试" in answer.content.decode()
    assert give_password(client) == "429"


def test_a_right_code_forgets_the_wrong_tries(lin: User, clock: time_machine.Traveller) -> None:
    switch_on(lin)
    client = Client()
    assert give_password(client, password="guess") == "200"
    give_password(client)
    give_code(client, wrong_code_of(lin))
    assert AccessAttempt.objects.get().failures_since_start == 2
    clock.shift(timedelta(seconds=1))
    assert give_code(client, code_of(lin)) == "/admin/"
    assert AccessAttempt.objects.count() == 0


def test_no_typed_code_is_kept_beside_a_failed_try(lin: User) -> None:
    switch_on(lin)
    client = Client()
    give_password(client)
    give_code(client, "ABCDE-FGHJK")
    attempt = AccessAttempt.objects.get()
    assert "FGHJK" not in attempt.post_data + attempt.get_data


# ── sessions ──


def test_other_sessions_are_asked_once_it_is_on(lin: User) -> None:
    other = logged_in(lin)
    assert is_in(other)
    switch_on(lin)
    assert other.get("/admin/")["Location"] == TO_CODE
    assert give_code(other, code_of(lin)) == "/admin/"
    assert is_in(other)


def test_a_device_set_up_anew_asks_every_session_again(lin: User, clock: time_machine.Traveller) -> None:
    switch_on(lin)
    client = through_both_steps(lin, clock)
    TwoStepDevice.objects.all().delete()
    switch_on(lin)
    assert client.get("/admin/")["Location"] == TO_CODE


def test_a_new_password_does_not_go_round_the_second_step(lin: User, owner: Client) -> None:
    switch_on(lin)
    page = reverse("admin:auth_user_password_change", args=[lin.pk])
    new = {"usable_password": "true", "password1": "set-by-owner-9", "password2": "set-by-owner-9"}
    assert owner.post(page, new).status_code == 302
    client = Client()
    assert give_password(client, password="set-by-owner-9") == TO_CODE


def test_a_session_without_its_code_can_t_change_the_password_but_can_leave(lin: User) -> None:
    client = logged_in(lin)
    switch_on(lin)
    form = {"old_password": PASSWORD, "new_password1": "another-password-2", "new_password2": "another-password-2"}
    assert client.post("/admin/password_change/", form)["Location"] == TO_CODE
    lin.refresh_from_db()
    assert lin.check_password(PASSWORD)
    assert client.post("/admin/logout/").status_code == 200
    assert "_auth_user_id" not in client.session


def test_pages_of_members_ask_nothing_about_it() -> None:
    member = a_member()
    assert member.user is not None
    client = Client()
    client.force_login(member.user, backend="members.sign_in_backend.MemberBackend")
    with CaptureQueriesContext(connection) as captured:
        assert client.get("/me/").status_code == 200
    assert [query["sql"] for query in captured if "twostep" in query["sql"]] == []


@pytest.mark.parametrize("page", [SET_UP, CODE])
def test_members_and_strangers_are_led_to_the_log_in(page: str) -> None:
    member = a_member()
    assert member.user is not None
    for client in (Client(), logged_in(member.user)):
        assert client.get(page)["Location"].startswith("/admin/login/?next=")
        assert client.post(page, {"code": "000000"})["Location"].startswith("/admin/login/?next=")
