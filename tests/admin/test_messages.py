"""Staff write templates that can't break, see how they read, broadcast, and send again what failed."""

from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from members.admin.broadcasts import BroadcastAdmin
from members.models import Broadcast, MessageConsent, MessageDelivery, MessageTemplate, Segment, SegmentMember
from members.services.messages import send
from tests.admin.conftest import ClientWith
from tests.members.factories import AT, a_member
from tests.members.messaging import CONTEXT, a_marketing_template, a_way, agrees

pytestmark = pytest.mark.django_db
WRITTEN = {
    "name": "会员日",
    "purpose": "marketing",
    "is_enabled": "on",
    "icon": "gift",
    "title": "会员日 {day}",
    "body": "{nickname}，{day} 全场积分翻倍",
    "link": "/points-mall/",
    "variable_lines": "{day} | 日期 | 哪一天 | 2026-11-11",
    "ways-TOTAL_FORMS": "0",
    "ways-INITIAL_FORMS": "0",
}

FILLED_IN = {"values-headline": "会员日", "values-content": "积分翻倍", "values-page": "/points-mall/"}


def add(owner: Client, **other: Any) -> str:
    return owner.post(reverse("admin:members_messagetemplate_add"), WRITTEN | other, follow=True).content.decode()


def change_page(row: Any) -> str:
    return reverse(f"admin:members_{row._meta.model_name}_change", args=[row.pk])


def test_a_template_is_written_and_shows_how_it_reads(owner: Client) -> None:
    add(owner)
    row = MessageTemplate.objects.get(name="会员日")
    assert row.variables == [{"name": "day", "kind": "date", "title": "哪一天", "sample": "2026-11-11"}]
    page = owner.get(change_page(row)).content.decode()
    assert "会员日 2026-11-11" in page
    assert "小杉，2026-11-11 全场积分翻倍" in page


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ({"title": "{daay}"}, "没有变量 {daay}"),
        ({"body": "{{ member.phone }}"}, "花括号只能用来写变量"),
        ({"link": "https://evil.example"}, "链接须为本商城页面的路径"),
        ({"variable_lines": "day 日期"}, "须分成四段"),
        ({"variable_lines": "{day} | 日期 | 哪一天 | 明天"}, "「哪一天」为日期"),
        ({"is_urgent": "on"}, "只有服务通知可以标为紧急"),
        (
            {
                "ways-TOTAL_FORMS": "1",
                "ways-0-way": "wechat_subscribe",
                "ways-0-is_enabled": "on",
                "ways-0-field_lines": "title = {day}",
            },
            "请填写微信平台上的模板编号",
        ),
    ],
)
def test_a_template_that_could_not_be_sent_is_refused_in_chinese(
    owner: Client, other: dict[str, str], sentence: str
) -> None:
    assert sentence in add(owner, **other)
    assert not MessageTemplate.objects.filter(name="会员日").exists()


def test_what_the_shop_itself_sends_stays(owner: Client) -> None:
    row = MessageTemplate.objects.get(code="order_paid")
    assert owner.post(reverse("admin:members_messagetemplate_delete", args=[row.pk])).status_code == 403


def dialog(client: Client, row: Any, name: str, **values: str) -> str:
    """Send a button's dialog; what it answers."""
    url = reverse(f"admin:members_{row._meta.model_name}_{name}", args=[row.pk])
    answer = client.post(url, {"_form_submitted": "on", **values})
    return answer.content.decode() if answer.status_code == 200 else str(answer.status_code)


def test_a_broadcast_is_written_counted_started_and_paused(owner: Client) -> None:
    a_member()
    announcement = MessageTemplate.objects.get(code="announcement")
    said = {"name": "双十二", "template": announcement.pk, "audience": "all"}
    url = reverse("admin:members_broadcast_add")
    refused = owner.post(url, said | {"values-headline": "会员日"}).content.decode()
    assert "请填写「内容」" in refused
    assert r'{"headline": "\u4f1a\u5458\u65e5"}' in refused  # what was typed is not lost
    outside = FILLED_IN | {"values-page": "https://evil.example"}
    assert "「打开页面」为本商城页面的路径" in owner.post(url, said | outside).content.decode()
    assert not Broadcast.objects.exists()
    owner.post(url, said | FILLED_IN | {"values-left_over": "换模板前填的"})
    row = Broadcast.objects.get()
    assert row.context == {"headline": "会员日", "content": "积分翻倍", "page": "/points-mall/"}
    assert "1 人" in owner.get(change_page(row)).content.decode()
    for name, state in (("start", "running"), ("pause", "paused"), ("resume", "running")):
        dialog(owner, row, name)
        row.refresh_from_db()
        assert row.state == state


def test_a_broadcast_to_a_segment_says_whom_it_reaches_before_it_starts(owner: Client) -> None:
    reached, unwilling = a_member(), a_member(phone="13800000002")
    segment = Segment.objects.create(name="铁粉", created_at=AT, state="ready", refreshed_at=AT, members_count=2)
    for member in (reached, unwilling):
        SegmentMember.objects.create(segment=segment, member=member, entered_at=AT)
    agrees(reached)
    said = {"name": "大促", "template": a_marketing_template().pk, "audience": "segment"}
    url = reverse("admin:members_broadcast_add")
    assert "请选择人群" in owner.post(url, said).content.decode()
    assert "铁粉（2 人）" in owner.get(url).content.decode()
    owner.post(url, said | {"segment": segment.pk})
    row = Broadcast.objects.get()
    page = owner.get(change_page(row)).content.decode()
    assert "站内消息：2 人" in page
    assert "短信：1 人可收到，1 人未同意" in page
    assert "会员人群：铁粉" in owner.get(reverse("admin:members_broadcast_changelist")).content.decode()


def test_a_draft_that_was_started_while_somebody_edited_it_goes_on(owner: Client, monkeypatch: Any) -> None:
    row = Broadcast.objects.create(name="大促", template=a_marketing_template())

    def starts_meanwhile(self: Any, request: Any, obj: Any = None) -> bool:
        if obj is not None:
            Broadcast.objects.update(state="running", started_at=AT, cursor=7)
        return True

    monkeypatch.setattr(BroadcastAdmin, "has_change_permission", starts_meanwhile)
    said = {"name": "改过的", "template": row.template_id, "audience": "all", "numbers": ""}
    page = owner.post(change_page(row), said).content.decode()
    row.refresh_from_db()
    assert (row.name, row.state, row.cursor) == ("大促", "running", 7)
    assert "群发发送中，不能再修改" in page


def a_delivery(state: str) -> MessageDelivery:
    member = a_member()
    a_way("sms")
    with transaction.atomic():
        send(member_id=member.pk, template="points_gained", context=CONTEXT, key="k", at=AT)
    MessageDelivery.objects.update(state=state, next_try_at=None, finished_at=AT)
    return MessageDelivery.objects.get()


def test_what_failed_is_sent_again_by_a_button(owner: Client) -> None:
    row = a_delivery("failed")
    dialog(owner, row, "resend")
    assert MessageDelivery.objects.get().state == "queued"


def test_what_nobody_knows_about_asks_whether_one_is_sure(owner: Client) -> None:
    row = a_delivery("unknown")
    assert "确认要发请勾选" in dialog(owner, row, "resend")
    assert MessageDelivery.objects.get().state == "unknown"
    dialog(owner, row, "resend", is_sure="on")
    assert MessageDelivery.objects.get().state == "queued"


def test_the_buttons_need_their_right(staff_with: ClientWith) -> None:
    row = a_delivery("failed")
    clerk = staff_with("members.view_messagedelivery")
    dialog(clerk, row, "resend")
    assert MessageDelivery.objects.get().state == "failed"


def test_what_a_merge_switched_off_is_said_in_chinese(owner: Client) -> None:
    MessageConsent.objects.create(member=a_member(), way="sms", purpose="marketing", withdrawn_at=AT, source="merge")
    page = owner.get(reverse("admin:members_messageconsent_changelist")).content.decode()
    assert ("合并会员" in page, ">merge<" in page) == (True, False)
