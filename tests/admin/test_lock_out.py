"""Guessing staff passwords ends in a lock-out that passes by itself, or that the owner ends."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from axes.models import AccessAttempt
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import User
from tests.admin.conftest import ClientWith
from tests.members.factories import a_member

LOG_IN = "/admin/login/?next=/admin/"
NOON = datetime(2026, 10, 14, 4, tzinfo=UTC)


@pytest.fixture
def lin() -> User:
    return User.objects.create_user("lin", password="warehouse-pass-1", is_staff=True)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def try_password(password: str, *, address: str = "203.0.113.7", browser: str = "phone", name: str = "lin") -> int:
    client = Client(REMOTE_ADDR=address, HTTP_USER_AGENT=browser)
    return client.post(LOG_IN, {"username": name, "password": password}).status_code


def lock_out(*, address: str = "203.0.113.7") -> None:
    assert [try_password("guess", address=address) for _ in range(5)] == [200, 200, 200, 200, 429]


def test_the_fifth_wrong_password_locks_and_says_when_to_come_back(lin: User, clock: time_machine.Traveller) -> None:
    lock_out()
    clock.shift(timedelta(minutes=4, seconds=30))
    client = Client(REMOTE_ADDR="203.0.113.7")
    response = client.post(LOG_IN, {"username": "lin", "password": "warehouse-pass-1"})
    assert response.status_code == 429
    assert response["Retry-After"] == "630"
    assert "请在 11 分钟后再试" in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_the_lock_out_passes_and_knocking_on_does_not_prolong_it(lin: User, clock: time_machine.Traveller) -> None:
    lock_out()
    clock.shift(timedelta(minutes=14, seconds=59))
    assert try_password("warehouse-pass-1") == 429
    clock.shift(timedelta(seconds=2))
    assert try_password("warehouse-pass-1") == 302


def test_another_browser_at_the_address_gets_no_further_tries(lin: User) -> None:
    assert [try_password("guess", browser=f"browser {n}") for n in range(5)] == [200, 200, 200, 200, 429]
    assert try_password("warehouse-pass-1", browser="a sixth") == 429


def test_the_same_account_is_let_in_from_elsewhere_and_a_colleague_from_there(lin: User) -> None:
    User.objects.create_user("wang", password="warehouse-pass-2", is_staff=True)
    lock_out()
    assert try_password("warehouse-pass-1", address="203.0.113.8") == 302
    assert try_password("warehouse-pass-2", name="wang") == 302


def test_a_right_password_in_time_forgets_the_wrong_ones(lin: User) -> None:
    assert [try_password("guess") for _ in range(4)] == [200] * 4
    assert try_password("warehouse-pass-1") == 302
    assert [try_password("guess") for _ in range(4)] == [200] * 4


@override_settings(TRUSTED_PROXIES=["10.0.0.1"])
def test_the_address_is_the_one_behind_the_trusted_proxy(lin: User) -> None:
    for forged in ("1.1.1.1", "2.2.2.2"):
        Client(REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=f"{forged}, 203.0.113.9").post(
            LOG_IN, {"username": "lin", "password": "guess"}
        )
    assert list(AccessAttempt.objects.values_list("ip_address", "failures_since_start")) == [("203.0.113.9", 2)]


def test_no_password_is_kept(lin: User) -> None:
    try_password("my-real-password")
    attempt = AccessAttempt.objects.get()
    assert "my-real-password" not in attempt.post_data + attempt.get_data


# ── the owner's page ──


def test_the_owner_ends_a_lock_out_for_every_browser_of_the_address(lin: User, owner: Client) -> None:
    for n in range(5):
        try_password("guess", browser=f"browser {n}")
    try_password("guess", address="203.0.113.8")
    rows = AccessAttempt.objects.filter(ip_address="203.0.113.7").order_by("pk")
    page = reverse("admin:axes_accessattempt_changelist")
    assert owner.get(page).content.decode().count("已锁定") == 5
    form = {"action": "unlock", "_selected_action": [rows[0].pk]}
    assert "已解除：lin" in owner.post(page, form, follow=True).content.decode()
    assert list(AccessAttempt.objects.values_list("ip_address", flat=True)) == ["203.0.113.8"]
    assert try_password("warehouse-pass-1") == 302


def test_nobody_but_the_owner_sees_or_ends_lock_outs(lin: User, staff_with: ClientWith) -> None:
    lock_out()
    clerk = staff_with("axes.view_accessattempt", "axes.delete_accessattempt", "axes.change_accessattempt")
    page = reverse("admin:axes_accessattempt_changelist")
    assert clerk.get(page).status_code == 403
    form = {"action": "unlock", "_selected_action": [AccessAttempt.objects.get().pk]}
    assert clerk.post(page, form).status_code == 403
    assert AccessAttempt.objects.count() == 1


# ── members ──


def test_members_pages_and_log_outs_ask_nothing_about_lock_outs(lin: User) -> None:
    member = a_member()
    assert member.user is not None
    lock_out(address="127.0.0.1")
    client = Client()
    with CaptureQueriesContext(connection) as captured:
        client.force_login(member.user, backend="members.sign_in_backend.MemberBackend")
        assert client.get("/me/").status_code == 200
        client.post("/logout/")
    assert [query["sql"] for query in captured if "axes" in query["sql"]] == []
