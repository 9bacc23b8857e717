"""Two-step log-in and the list of deeds in a real browser: at a desk and on a phone, light and dark, and axe."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axes.models import AccessAttempt
from playwright.sync_api import Browser, Page, expect

from config.back_office.models import TwoStepDevice
from config.back_office.two_step import codes
from config.demo_logins import DEMO_LOGINS
from tests.admin.authenticator import now
from tests.browser.conftest import phone_page, violations


@pytest.fixture
def small(browser: Browser, shop: None, live_server: Any) -> Iterator[Page]:
    with phone_page(browser, live_server.url) as (page, _):
        page.emulate_media(color_scheme="dark")
        yield page


def log_in(page: Page) -> None:
    page.goto("/admin/")
    page.locator("input[name=username]").fill(DEMO_LOGINS.staff_name)
    page.locator("input[name=password]").fill(DEMO_LOGINS.staff_password)
    page.get_by_role("button", name="登录").click()


def clear(page: Page) -> None:
    """Nothing that axe finds, and nothing that has to be scrolled for sideways."""
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def switch_on(page: Page) -> list[str]:
    """Type a wrong code, then the right one; the backup codes."""
    page.goto("/admin/two-step/")
    expect(page.locator("svg.mall-qr")).to_be_visible()
    clear(page)
    secret = page.locator(".mall-secret").inner_text().replace(" ", "")
    page.get_by_label(re.compile("6 位数字")).fill("12")
    page.get_by_role("button", name="开启两步验证").click()
    expect(page.get_by_text("验证码不对")).to_be_visible()
    clear(page)
    page.get_by_label(re.compile("6 位数字")).fill(codes.code_at(secret=secret, step=codes.step_at(now())))
    page.get_by_role("button", name="开启两步验证").click()
    backup = page.locator(".mall-codes code").all_inner_texts()
    assert len(backup) == 10
    clear(page)
    page.get_by_role("link", name="我已保存好").click()
    expect(page.get_by_role("navigation", name="统计周期")).to_be_visible()
    return backup


def come_back(page: Page, code: str) -> None:
    """Log in again with the password and a backup code."""
    page.context.clear_cookies()
    log_in(page)
    expect(page.get_by_text("密码正确")).to_be_visible()
    clear(page)
    page.get_by_label("验证码").fill(code)
    page.get_by_role("button", name="继续").click()


def walk(page: Page) -> None:
    """Switch it on, leave, come back, switch it off, look at the list of deeds."""
    log_in(page)
    backup = switch_on(page)
    come_back(page, backup[0])
    expect(page.get_by_text("还剩 9 个")).to_be_visible()
    page.goto("/admin/two-step/")
    clear(page)
    page.get_by_label("验证码").fill(backup[1])
    page.get_by_role("button", name="关闭两步验证").click()
    expect(page.get_by_text("两步验证已关闭")).to_be_visible()
    assert TwoStepDevice.objects.count() == 0
    page.goto("/admin/back_office/staffdeed/")
    expect(page.get_by_role("link", name=re.compile("两步验证 [0-9]+")).first).to_be_visible()
    clear(page)


def test_staff_switch_it_on_use_it_and_switch_it_off_at_a_desk(desk: Page) -> None:
    walk(desk)


def test_the_same_on_a_phone_in_the_dark(small: Page) -> None:
    walk(small)


def test_a_wrong_code_is_refused_where_it_was_typed_and_counts(desk: Page) -> None:
    log_in(desk)
    switch_on(desk)
    come_back(desk, "ABCDE-FGHJK")
    expect(desk.get_by_text("验证码不对或已用过")).to_be_visible()
    clear(desk)
    assert AccessAttempt.objects.get().failures_since_start == 1
