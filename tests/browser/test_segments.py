"""A marketer puts a segment together by clicking, and sees how many it is before saving."""

import os
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from playwright.sync_api import Page, expect

from config.demo_logins import DEMO_LOGINS
from members.models import Segment
from members.services import registration, segment_lists
from members.tasks import take_segment_lists
from tests.browser.conftest import violations


def sign_in_with_three_members(desk: Page) -> None:
    """The back office of a shop that three have joined."""
    with transaction.atomic():
        for number in range(3):
            registration.register_by_phone(phone=f"1380000001{number}", channel="h5", at=timezone.now())
    desk.goto("/admin/")
    desk.locator("input[name=username]").fill(DEMO_LOGINS.staff_name)
    desk.locator("input[name=password]").fill(DEMO_LOGINS.staff_password)
    desk.get_by_role("button", name="登录").click()
    expect(desk.get_by_role("navigation", name="统计周期")).to_be_visible()


def test_a_segment_is_put_together_counted_and_saved(desk: Page) -> None:
    sign_in_with_three_members(desk)
    desk.goto("/admin/members/segment/add/")
    desk.locator("input[name=name]").fill("新来的铜牌会员")
    desk.get_by_role("checkbox", name="青铜会员").check()
    answer = desk.locator(".mall-rule-answer")
    expect(answer).to_contain_text("会员等级为青铜会员")
    desk.get_by_role("button", name="＋ 条件").click()
    row = desk.locator(".mall-rule-row").nth(1)
    row.get_by_label("条件", exact=True).select_option("spent")
    row.get_by_label("统计最近几天，不填为全部").fill("90")
    row.get_by_label("比较").select_option("at_most")
    row.get_by_label("消费金额（元）").fill("500")
    expect(answer).to_contain_text("会员等级为青铜会员 且 近 90 天消费金额不超过 ¥500.00")
    expect(answer.locator("strong")).to_have_text("3 位会员")
    add_goods_not_bought(desk)
    expect(answer).to_contain_text("买过的商品不为")
    picture(desk, "segment")
    assert violations(desk) == []
    desk.get_by_role("button", name="保存", exact=True).click()
    expect(desk.get_by_role("link", name="新来的铜牌会员").first).to_be_visible()
    picture(desk, "segments")
    assert saved_conditions() == [["tier", "spent"], ["product"]]


def test_a_list_is_uploaded_read_and_says_which_lines_named_nobody(desk: Page, settings: Any, tmp_path: Path) -> None:
    settings.PRIVATE_ROOT = tmp_path
    sign_in_with_three_members(desk)
    desk.goto("/admin/members/segment/add/")
    desk.locator("input[name=name]").fill("展会名单")
    desk.locator("select[name=kind]").select_option("static")
    listed = "手机号\n13800000010\n138 0000 0011\n13999999999\n<b>某人</b>\n"
    desk.locator("input[name=file]").set_input_files(
        {"name": "list.csv", "mimeType": "text/csv", "buffer": listed.encode()}
    )
    desk.get_by_role("button", name="保存", exact=True).click()
    desk.get_by_role("link", name="展会名单").first.click()
    row = desk.locator(".mall-uploads > li")
    expect(row.locator("b")).to_have_text("等待导入")
    begin_to_read()
    desk.reload()
    expect(row).to_contain_text("导入中")
    expect(row).to_contain_text("已读 1 行，刷新本页查看进度")
    take_segment_lists()
    desk.reload()
    expect(row.locator("b")).to_have_text("已导入")
    expect(row).to_contain_text("名单里有 2 位会员，新加入 2 位，2 行没有对上会员")
    expect(row.locator("ul li")).to_have_text(
        ["第 4 行「139****9999」没有用这个手机号的会员", "第 5 行「<b>某人</b>」既不是手机号，也没有这个会员号"]
    )
    picture(desk, "segment-upload")
    assert violations(desk) == []
    with desk.expect_download() as taken:
        row.get_by_role("link", name="下载没有对上的行").click()
    assert taken.value.path().read_text("utf-8-sig").splitlines()[1].startswith("4,139****9999,")


def begin_to_read() -> None:
    """A worker that has read the first line, and was cut off."""
    (upload,) = segment_lists.waiting_ids()
    cells, before = next(segment_lists.chunks(upload_id=upload))
    with transaction.atomic():
        segment_lists.note(upload_id=upload, cells=cells[:1], lines_before=before)


def add_goods_not_bought(desk: Page) -> None:
    """A second group: a product, found by typing, that they have not bought."""
    desk.get_by_role("button", name="添加一组条件").click()
    last = desk.locator(".mall-rule-row").last
    last.get_by_label("条件", exact=True).select_option("product")
    last.get_by_placeholder("输入名称查找").fill("茶")
    last.locator(".mall-rule-found button").first.click()
    last.get_by_label("比较").select_option("not_in")


def picture(desk: Page, name: str) -> None:
    """A picture to look at, where the run asks for one."""
    if folder := os.environ.get("SCREENSHOTS"):
        desk.screenshot(path=f"{folder}/{name}.png", full_page=True)


def saved_conditions() -> list[list[str]]:
    """The fields asked for, by group; the spending as it was typed in."""
    rule = Segment.objects.get().rule
    spent = rule["groups"][0]["conditions"][1]
    assert spent == {"field": "spent", "operator": "at_most", "value": 50_000, "days": 90}
    return [[one["field"] for one in group["conditions"]] for group in rule["groups"]]
