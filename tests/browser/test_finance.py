"""Finance's months in a real browser: on a desk, in the dark, on a phone, and on paper."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from config.demo_logins import DEMO_LOGINS
from points import ledger

from .conftest import phone_page, violations

PAGE = "/admin/finance/months/"


@pytest.fixture
def history(shop: None) -> None:
    at = timezone.now()
    with transaction.atomic():
        account = ledger.open_account(asset="points")
        earned = ledger.earn(account=account, points=1200, key="a", source="order:1", at=at)
        ledger.spend(account=account, points=300, key="b", source="order:2", at=at)
        ledger.reverse(entry=earned.id, key="c", at=at + timedelta(seconds=1), points=1000)


def sign_in_as_owner(page: Page) -> None:
    page.goto(f"/admin/login/?next={PAGE}")
    page.locator("input[name=username]").fill(DEMO_LOGINS.staff_name)
    page.locator("input[name=password]").fill(DEMO_LOGINS.staff_password)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/finance/months/")


def test_a_figure_leads_to_its_entries_and_the_page_prints(desk: Page, history: None) -> None:
    sign_in_as_owner(desk)
    expect(desk.get_by_role("link", name="积分财务月报")).to_be_visible()
    assert violations(desk) == []
    desk.emulate_media(color_scheme="dark")
    assert violations(desk) == []
    desk.emulate_media(color_scheme="light", media="print")
    expect(desk.get_by_role("link", name="导出 Excel")).to_be_hidden()
    table = desk.get_by_role("region", name="逐月明细")
    assert table.evaluate("box => box.scrollWidth <= box.clientWidth + 1")
    desk.emulate_media(media="screen")
    with desk.expect_download() as download:
        desk.get_by_role("link", name="导出 Excel").click()
    assert download.value.suggested_filename.endswith(".xlsx")
    table.get_by_role("link", name="−300").first.click()
    rows = desk.locator("#result_list tbody tr")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("消耗")


def test_on_a_phone_the_table_scrolls_and_the_page_does_not(browser: Browser, history: None, live_server: Any) -> None:
    with phone_page(browser, live_server.url) as (phone, _):
        sign_in_as_owner(phone)
        expect(phone.get_by_role("heading", name="逐月明细")).to_be_visible()
        assert phone.evaluate("document.documentElement.scrollWidth") == 390
        assert violations(phone) == []
