"""Pages that say what went wrong are the shop's own: in Chinese, under the same policy as all others."""

from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client

from mall.h5 import pages

pytestmark = pytest.mark.django_db
Ask = Callable[[Client], HttpResponse]


def _too_much(client: Client) -> HttpResponse:
    return client.post("/login/", "phone=" + "1" * 3_000_000, content_type="application/x-www-form-urlencoded")


def _unreadable(client: Client) -> HttpResponse:
    return client.generic("POST", "/login/", b"x", content_type="multipart/form-data")


def _forged(client: Client) -> HttpResponse:
    return Client(enforce_csrf_checks=True).post("/login/", {"phone": "13800000001"})


def _nowhere(client: Client) -> HttpResponse:
    return client.get("/nowhere/")


@pytest.mark.parametrize(
    ("ask", "status", "title"),
    [
        (_too_much, 400, "请求有误"),
        (_unreadable, 400, "请求有误"),
        (_forged, 403, "页面已过期"),
        (_nowhere, 404, "页面不存在"),
    ],
)
def test_what_went_wrong_is_said_in_chinese_under_the_members_policy(
    client: Client, ask: Ask, status: int, title: str
) -> None:
    response = ask(client)
    page = response.content.decode()
    assert response.status_code == status
    assert f"<title>{title}</title>" in page
    assert 'lang="zh-CN"' in page
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
    assert "unsafe-eval" not in response.headers["Content-Security-Policy"]


def test_a_fault_of_ours_is_said_in_chinese_and_without_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "placements", lambda **_: 1 / 0)
    response = Client(raise_request_exception=False).get("/")
    page = response.content.decode()
    assert response.status_code == 500
    assert "<title>服务开小差了</title>" in page
    assert "ZeroDivisionError" not in page
    assert "default-src 'self'" in response.headers["Content-Security-Policy"]
