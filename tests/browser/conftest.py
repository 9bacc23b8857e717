"""A real browser: Debian's Chromium, driven by playwright, on a phone and on a desk.

A test fails on any page error, console error or request to another host. Where no Chromium is found these tests are
skipped with a line that says how to install it.
"""

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connections
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from config.core.time import SHANGHAI, day_start
from config.demo.shop import set_up
from tests import standing

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # playwright's sync API keeps an event loop on the main thread

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
]
_PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
_DESK = {"viewport": {"width": 1440, "height": 900}}
_PLACE = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = pytest.mark.skip(reason="no Chromium: apt-get install chromium fonts-noto-cjk")
    for item in items:
        if "tests/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)
            if not Path(CHROMIUM).exists():
                item.add_marker(missing)


@pytest.fixture(scope="session")
def browser(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[Browser]:
    """Chromium. While it runs there is an event loop, and with it Django has another connection: closed here, too."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=_ARGS)
        yield started
        started.close()
        with django_db_blocker.unblock():
            connections.close_all()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demo shop's pictures were put when it was made."""
    return tmp_path_factory.mktemp("pictures")


@pytest.fixture
def shop(transactional_db: None, settings: Any, tmp_path: Path, pictures: Path) -> Iterator[None]:
    """The demo shop's goods and campaigns, before the first member."""
    settings.MEDIA_ROOT = pictures
    standing.bring("demo shop", lambda: set_up(opened_at=day_start(datetime.now(SHANGHAI).date())))
    settings.MEDIA_ROOT = shutil.copytree(pictures, tmp_path / "pictures")
    yield
    _hang_up()


def _hang_up() -> None:
    """Wait until the server has answered all that the pages, closed by now, had asked for."""
    for thread in threading.enumerate():
        if thread.name.endswith("(process_request_thread)"):
            thread.join(timeout=10)
            assert not thread.is_alive(), "the server still talks to a page that is closed"


@pytest.fixture
def phone(browser: Browser, shop: None, live_server: Any) -> Iterator[Page]:
    with phone_page(browser, live_server.url) as (page, _):
        yield page


@pytest.fixture
def desk(browser: Browser, shop: None, live_server: Any) -> Iterator[Page]:
    with _opened(browser, live_server.url, _DESK) as (page, _):
        yield page


@contextmanager
def phone_page(browser: Browser, url: str) -> Iterator[tuple[Page, list[str]]]:
    """A page on a phone, and what goes wrong on it; whatever is left there in the end fails the test."""
    with _opened(browser, url, _PHONE) as opened:
        yield opened


@contextmanager
def _opened(browser: Browser, url: str, screen: dict[str, Any]) -> Iterator[tuple[Page, list[str]]]:
    context = browser.new_context(base_url=url, **screen, **_PLACE)
    try:
        context.set_default_timeout(8000)
        complaints: list[str] = []
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        context.on("console", lambda message: complaints.extend(_error_in(message)))
        context.on("request", lambda request: complaints.extend(_outside(request.url, url)))
        yield context.new_page(), complaints
    finally:
        context.close()
    assert complaints == []


def _error_in(message: ConsoleMessage) -> list[str]:
    return [message.text] if message.type == "error" else []


def _outside(asked: str, home: str) -> list[str]:
    return [] if asked.startswith((home, "data:", "blob:")) else [asked]


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.1 A and AA, one line per kind."""
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
    return [f"{rule['id']}: {node['html'][:120]}" for rule in found.response["violations"] for node in rule["nodes"]]


def sign_in(page: Page, number: str = "13800000001") -> None:
    """Log in as a member: ask for a code, read it in the dev inbox, type it."""
    page.goto("/login/")
    page.get_by_label("手机号").fill(number)
    page.get_by_role("button", name="获取验证码").click()
    page.get_by_text("验证码已发送").wait_for()
    inbox = page.context.new_page()
    inbox.goto("/dev/inbox/")
    text = inbox.get_by_text("验证码 ").first.inner_text()
    inbox.close()
    page.get_by_label("验证码", exact=True).fill("".join(filter(str.isdigit, text.split("验证码", 1)[1]))[:6])
    page.get_by_role("button", name="登录 / 注册").click()
    page.wait_for_url(lambda url: "/login/" not in url)
