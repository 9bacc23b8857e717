"""Log lines: what they tell, and whom they never name."""

import json
import logging
import re
import sys
from collections.abc import Callable

import pytest
from django.db import IntegrityError
from django.test import Client

from config.operations import context
from config.operations.logs import JsonFormatter, LineFormatter
from members.models import DevMessage
from tests.members.factories import PHONE, a_member

Lines = Callable[[], list[str]]


def requests_in(lines: list[str]) -> list[dict]:
    return [line for line in map(json.loads, lines) if line["message"] == "request"]


@pytest.mark.django_db
def test_a_request_has_one_line_with_its_route_status_time_and_kind_of_person(client: Client, log_lines: Lines) -> None:
    response = client.get("/products/9/", {"q": "whatever"})
    (line,) = requests_in(log_lines())
    assert line.pop("milliseconds") > 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]{12}\+00:00", line.pop("time"))
    assert line == {
        "level": "INFO",
        "logger": "config.operations.request_log",
        "message": "request",
        "request_id": response.headers["X-Request-ID"],
        "method": "GET",
        "route": "mall:product",
        "status": 404,
        "viewer": "visitor",
    }


@pytest.mark.django_db
def test_members_and_staff_are_told_apart_and_not_named(client: Client, admin_client: Client, log_lines: Lines) -> None:
    client.force_login(a_member().user)
    client.get("/points/")
    admin_client.get("/admin/")
    assert [line["viewer"] for line in requests_in(log_lines())] == ["member", "staff"]
    assert "admin@example.com" not in "".join(log_lines())


@pytest.fixture
def ask(client: Client, settings, django_capture_on_commit_callbacks) -> Callable[..., str]:
    """Ask for a code and read it from the inbox."""
    settings.DEV_INBOX = True

    def ask(path: str, **more: str) -> str:
        with django_capture_on_commit_callbacks(execute=True):
            assert client.post(path, {"phone": PHONE}, **more).status_code < 300
        return re.search(r"\d{6}", DevMessage.objects.latest("pk").text)[0]

    return ask


@pytest.mark.django_db
def test_the_lines_of_a_log_in_hold_neither_phone_nor_code_nor_session(client: Client, ask, log_lines: Lines) -> None:
    code = ask("/login/code/")
    wrong = "000000" if code != "000000" else "111111"
    assert client.post(f"/login/?phone={PHONE}", {"phone": PHONE, "code": wrong}).status_code == 422
    assert client.post(f"/login/?phone={PHONE}", {"phone": PHONE, "code": code}).status_code == 302
    assert [line["status"] for line in requests_in(log_lines())] == [200, 422, 302]
    session, lines = client.cookies["sessionid"].value, "\n".join(log_lines())
    assert [secret for secret in (PHONE, PHONE[3:], code, wrong, session) if secret in lines] == []


@pytest.mark.django_db
def test_the_lines_of_a_log_in_by_api_hold_neither_phone_nor_code_nor_token(
    client: Client, ask, log_lines: Lines
) -> None:
    code = ask("/api/v1/auth/codes/", content_type="application/json")
    body = {"phone": PHONE, "code": code}
    answer = client.post("/api/v1/auth/login/", body, content_type="application/json")
    token = answer.json()["token"]
    bearer = {"authorization": f"Bearer {token}"}
    assert client.get("/api/v1/me/", {"token": token}, headers=bearer).status_code == 200
    assert client.get(f"/{token}/", headers=bearer).status_code == 404
    told = [(line["route"], line["status"], line["viewer"]) for line in requests_in(log_lines())]
    assert told[1:] == [
        ("api-login", answer.status_code, "visitor"),
        ("api-me", 200, "member"),
        ("unmatched", 404, "visitor"),
    ]
    lines = "\n".join(log_lines())
    assert [secret for secret in (PHONE, PHONE[3:], code, token, token[:8]) if secret in lines] == []


@pytest.mark.django_db
def test_a_proxys_request_id_is_kept_and_a_strangers_is_not(client: Client, settings) -> None:
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    given = {"x-request-id": "abcdefgh-1"}
    assert client.get("/theme.css", headers=given)["X-Request-ID"] == "abcdefgh-1"
    assert client.get("/theme.css", headers=given, REMOTE_ADDR="203.0.113.9")["X-Request-ID"] != "abcdefgh-1"
    assert client.get("/theme.css", headers={"x-request-id": "a\nforged line"})["X-Request-ID"] != "a\nforged line"


def failed_record() -> logging.LogRecord:
    try:
        try:
            raise KeyError(PHONE)
        except KeyError as error:
            raise IntegrityError(f"Key (phone)=({PHONE}) already exists") from error
    except IntegrityError:
        return logging.LogRecord("some", logging.ERROR, __file__, 1, "it broke", (), sys.exc_info())


def test_an_error_is_told_by_class_and_place_not_by_its_text() -> None:
    text = JsonFormatter().format(failed_record())
    line = json.loads(text)
    assert [error["type"] for error in line["errors"]] == ["django.db.utils.IntegrityError", "builtins.KeyError"]
    assert line["errors"][0]["frames"][-1].endswith("failed_record")
    assert PHONE not in text
    assert "\n" not in text


def test_its_text_comes_with_a_setting_and_for_developers() -> None:
    assert PHONE in JsonFormatter(with_error_text=True).format(failed_record())
    assert f"Key (phone)=({PHONE}) already exists" in LineFormatter().format(failed_record())


def test_ids_of_request_and_task_stand_in_every_line() -> None:
    tokens = [(context.request_id, context.request_id.set("r-1")), (context.task_id, context.task_id.set("t-1"))]
    line = json.loads(JsonFormatter().format(logging.LogRecord("some", 20, __file__, 1, "said", (), None)))
    for variable, token in tokens:
        variable.reset(token)
    assert (line["request_id"], line["task_id"]) == ("r-1", "t-1")
