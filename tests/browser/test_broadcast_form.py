"""A marketer writes a broadcast by filling boxes in, and meets no variable's name."""

from playwright.sync_api import Page, expect

from members.models import Broadcast, MessageTemplate
from tests.browser.conftest import violations
from tests.browser.test_segments import picture, sign_in_with_three_members


def test_each_variable_of_the_chosen_template_has_a_box_under_its_chinese_name(desk: Page) -> None:
    announcement = MessageTemplate.objects.get(code="announcement")
    plain = MessageTemplate.objects.create(code="plain", name="促销", purpose="marketing", title="大促", body="开始了")
    sign_in_with_three_members(desk)
    desk.goto("/admin/members/broadcast/add/")
    boxes = desk.locator(".mall-values")
    expect(boxes).to_contain_text("先选择模板")
    desk.locator("input[name=name]").fill("双十二")
    choice = desk.locator("select[name=template]")
    choice.select_option(str(announcement.pk))
    expect(boxes.locator("label")).to_have_text(["标题", "内容", "打开页面"])
    boxes.get_by_label("标题").fill("双十二会员日")
    choice.select_option(str(plain.pk))
    expect(boxes).to_contain_text("没有要填写的内容")
    choice.select_option(str(announcement.pk))
    expect(boxes.get_by_label("标题")).to_have_value("双十二会员日")
    boxes.get_by_label("内容").fill("积分翻倍")
    desk.get_by_role("button", name="保存", exact=True).click()
    expect(desk.get_by_text("请填写「打开页面」")).to_be_visible()
    expect(boxes.get_by_label("内容")).to_have_value("积分翻倍")
    boxes.get_by_label("打开页面").fill("/points-mall/")
    picture(desk, "broadcast")
    assert violations(desk) == []
    desk.get_by_role("button", name="保存", exact=True).click()
    expect(desk.get_by_role("link", name="双十二").first).to_be_visible()
    assert Broadcast.objects.get().context == {
        "headline": "双十二会员日",
        "content": "积分翻倍",
        "page": "/points-mall/",
    }
