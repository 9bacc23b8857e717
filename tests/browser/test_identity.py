"""Passwords, devices and the code for the till, as a member meets them on a phone."""

import os
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Browser, Page

from members.models import Member, TillSecret
from members.services import till_codes
from tests.browser.conftest import phone_page, sign_in, violations

NUMBER = "13800000001"
PASSWORD = "tree of clouds 2026"


def seen(page: Page, name: str) -> None:
    """Nothing to object to, light and dark; pictures are left where SCREENSHOTS points."""
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        assert violations(page) == []
        if folder := os.environ.get("SCREENSHOTS"):
            page.screenshot(path=str(Path(folder) / f"{name}-{theme}.png"), full_page=True)
    page.emulate_media(color_scheme="light")


def code_in_inbox(page: Page) -> str:
    inbox = page.context.new_page()
    inbox.goto("/dev/inbox/")
    text = inbox.get_by_text("验证码 ").first.inner_text()
    inbox.close()
    return "".join(filter(str.isdigit, text.split("验证码", 1)[1]))[:6]


def forget_the_wait() -> None:
    from members.models import LoginCode

    LoginCode.objects.all().delete()


def set_a_password(page: Page) -> None:
    """From the list of devices, with a code of this moment."""
    page.get_by_role("link", name="设置密码").click()
    page.get_by_role("button", name="获取验证码").click()
    page.get_by_text("验证码已发送到 138****0001").wait_for()
    page.get_by_label("验证码", exact=True).fill(code_in_inbox(page))
    seen(page, "password")
    page.get_by_label("新密码").fill(PASSWORD)
    page.get_by_role("button", name="保存").click()
    page.get_by_text("密码已更新；其他设备已退出登录").wait_for()


def come_in(page: Page, password: str) -> None:
    """Try this password on the page that asks for one."""
    page.get_by_label("手机号").fill(NUMBER)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()


def test_a_member_sets_a_password_signs_others_out_and_comes_in_by_it(
    phone: Page, browser: Browser, live_server: Any
) -> None:
    sign_in(phone)
    forget_the_wait()
    with phone_page(browser, live_server.url) as (other, complaints):
        sign_in(other)
        forget_the_wait()
        phone.goto("/devices/")
        seen(phone, "devices")
        assert phone.get_by_text("本机").count() == 1
        set_a_password(phone)
        other.goto("/devices/")
        other.wait_for_url(lambda url: "/login/" in url)
        other.get_by_role("link", name="密码登录").click()
        come_in(other, "not this one")
        other.get_by_text("手机号或密码不正确").wait_for()
        seen(other, "password-login")
        assert [text for text in complaints if "422" not in text] == []
        complaints.clear()
        come_in(other, PASSWORD)
        other.wait_for_url(lambda url: "/login/" not in url)


def test_the_code_for_the_till_is_scanned_once_and_renews_itself(phone: Page) -> None:
    sign_in(phone)
    phone.goto("/code/")
    seen(phone, "till-code")
    member, secret = Member.objects.get(), TillSecret.objects.get()
    box = phone.locator("#till-code svg").bounding_box()
    assert box is not None
    assert (box["width"] >= 180, box["width"] == box["height"]) == (True, True)
    before = phone.locator("#till-code svg").inner_html()
    phone.wait_for_timeout(1100)  # codes are made by the second
    phone.evaluate("document.querySelector('count-down').dispatchEvent(new CustomEvent('expired', {bubbles: true}))")
    phone.wait_for_function("old => document.querySelector('#till-code svg').innerHTML !== old", arg=before)
    with transaction.atomic():
        at = timezone.now()
        shown = till_codes.code_of(member_id=member.pk, at=at).text
        assert till_codes.member_of(code=shown, at=at) == member.pk
    secret.refresh_from_db()
    assert secret.used_second == int(at.timestamp())
