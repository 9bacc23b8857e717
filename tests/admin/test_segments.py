"""Segments in the back office: put together, counted, saved, uploaded, exported."""

import io
import json
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from mall.models import Product
from members.models import Segment, Tag
from members.services import segments
from tests.admin.conftest import ClientWith
from tests.mall.builders import AT, a_sku
from tests.members.factories import a_member

COUNT = "/admin/members/segment/count/"
CHOICES = "/admin/members/segment/choices/"


def rule(
    field: str = "tier", operator: str = "in", value: Any = ("bronze",), days: int | None = None
) -> dict[str, Any]:
    value = list(value) if isinstance(value, tuple) else value
    condition = {"field": field, "operator": operator, "value": value, "days": days}
    return {"match": "all", "groups": [{"match": "all", "negated": False, "conditions": [condition]}]}


def form(**change: Any) -> dict[str, Any]:
    return {"name": "铜牌会员", "note": "", "kind": "rule", "rule": json.dumps(rule())} | change


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """What was left to a worker."""
    found: list[tuple[str, Any]] = []
    monkeypatch.setattr(
        "members.admin.segments.current_app.send_task", lambda name, kwargs: found.append((name, kwargs))
    )
    return found


def test_a_rule_is_counted_and_read_out_before_it_is_saved(owner: Client) -> None:
    a_member()
    told = owner.post(COUNT, {"rule": json.dumps(rule())}).json()
    assert told == {"sentence": "会员等级为青铜会员", "count": 1}
    told = owner.post(COUNT, {"rule": json.dumps(rule("spent", "at_least", 50_000, 90))}).json()
    assert told == {"sentence": "近 90 天消费金额满 ¥500.00", "count": 0}
    assert Segment.objects.count() == 0


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "条件格式不正确，请重新添加"),
        ("{}", "条件格式不正确，请重新添加"),
        (json.dumps(rule(value=())), "「会员等级」请至少选择一项"),
    ],
)
def test_what_is_no_rule_is_answered_in_a_sentence(owner: Client, text: str, sentence: str) -> None:
    response = owner.post(COUNT, {"rule": text})
    assert (response.status_code, response.json()) == (400, {"error": sentence})


DEEP = {
    "deeper than the decoder goes": "[" * 100_000,
    "deeper than any rule": json.dumps(rule() | {"more": json.loads("[" * 200 + "]" * 200)}),
    "with a character that no database keeps": json.dumps(rule(value=("a\x00",))),
    "with half a character": json.dumps(rule(value=("\ud800",))),
    "with a number of many digits": "9" * 5_000,
    "longer than any rule": json.dumps(rule() | {"more": "长" * 100_000}),
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_json_that_no_page_of_ours_sends_is_answered_in_a_sentence(owner: Client, text: str) -> None:
    response = owner.post(COUNT, {"rule": text})
    assert response.status_code == 400
    assert response.json()["error"] in ("条件格式不正确，请重新添加", "「会员等级」请至少选择一项")
    page = owner.post(reverse("admin:members_segment_add"), form(rule=text))
    assert (page.status_code, Segment.objects.count()) == (200, 0)
    assert response.json()["error"] in page.content.decode()


def test_what_a_rule_does_not_say_is_not_kept(owner: Client) -> None:
    owner.post(reverse("admin:members_segment_add"), form(rule=json.dumps(rule() | {"more": [1]})))
    assert Segment.objects.get().rule == rule()


def test_products_are_found_by_typing(owner: Client) -> None:
    product = a_sku(name="龙井新茶").product
    a_sku(name="咖啡豆")
    assert owner.get(CHOICES, {"field": "product", "q": "龙井"}).json() == {"choices": [[str(product.pk), "龙井新茶"]]}
    assert owner.get(CHOICES, {"field": "tier", "q": "x"}).json() == {"choices": []}
    assert Product.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_saved_rule_is_left_to_a_worker_and_listed_with_its_sentence(owner: Client, sent: list[Any]) -> None:
    response = owner.post(reverse("admin:members_segment_add"), form())
    assert response.status_code == 302
    segment = Segment.objects.get()
    assert (segment.rule, segment.state) == (rule(), "waiting")
    assert sent == [("members.refresh_segments", {"segment_id": segment.pk})]
    page = owner.get(reverse("admin:members_segment_changelist")).content.decode()
    assert "会员等级为青铜会员" in page
    assert "尚未计算" in page


def test_a_rule_without_values_is_not_saved(owner: Client) -> None:
    response = owner.post(reverse("admin:members_segment_add"), form(rule=json.dumps(rule(value=()))))
    assert "「会员等级」请至少选择一项" in response.content.decode()
    assert Segment.objects.count() == 0


def test_a_rule_that_staff_change_is_refreshed_anew_and_nobody_just_came_in(owner: Client) -> None:
    with transaction.atomic():
        segment = segments.write(segment=Segment(name="铜牌"), rule=rule(), at=AT)
        segments.begin(segment_id=segment.pk, at=AT)
        segments.refresh_next(segment_id=segment.pk)
    change = reverse("admin:members_segment_change", args=[segment.pk])
    owner.post(change, form(name="铜牌", is_enabled="on", rule=json.dumps(rule(value=("silver",)))))
    segment.refresh_from_db()
    assert (segment.rule, segment.state, segment.refreshed_at) == (rule(value=("silver",)), "waiting", None)


def test_the_members_are_exported_with_the_right_alone(owner: Client, staff_with: ClientWith) -> None:
    member = a_member(nickname="=1+1")
    with transaction.atomic():
        segment = segments.write(segment=Segment(name="全部"), rule=rule(), at=AT)
        segments.begin(segment_id=segment.pk, at=AT)
        segments.refresh_next(segment_id=segment.pk)
    url = reverse("admin:members_segment_members", args=[segment.pk])
    assert staff_with("members.view_segment", "members.change_segment").get(url).status_code == 403
    response = owner.get(url)
    text = io.BytesIO(b"".join(response.streaming_content)).getvalue().decode("utf-8-sig")  # type: ignore[attr-defined]
    assert text.splitlines() == [
        "会员号,昵称,手机尾号,等级,进入时间",
        f"{member.number},'=1+1,0001,青铜会员,{AT:%Y-%m-%d %H:%M}",
    ]


def test_whoever_may_only_look_sees_the_sentence(owner: Client, staff_with: ClientWith) -> None:
    with transaction.atomic():
        segment = segments.write(segment=Segment(name="全部"), rule=rule(), at=AT)
    page = staff_with("members.view_segment").get(reverse("admin:members_segment_change", args=[segment.pk]))
    assert "会员等级为青铜会员" in page.content.decode()
    assert staff_with().post(COUNT, {"rule": "{}"}).status_code == 403
    assert staff_with().get(CHOICES).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_a_tag_takes_a_segment_as_its_rule_and_loses_it(owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[str, Any]] = []
    monkeypatch.setattr("members.admin.tags.current_app.send_task", lambda name, kwargs: sent.append((name, kwargs)))
    with transaction.atomic():
        segment = segments.write(segment=Segment(name="铜牌"), rule=rule(), at=AT)
    written = {"name": "铜", "color": "#2f6f4f", "note": "", "segment": segment.pk}
    owner.post(reverse("admin:members_tag_add"), written)
    tag = Tag.objects.get()
    segment.refresh_from_db()
    assert (tag.segment_id, segment.state) == (segment.pk, "running")
    assert sent == [("members.refresh_segments", {"segment_id": segment.pk})]
    assert "铜牌" in owner.get(reverse("admin:members_tag_changelist")).content.decode()
    with transaction.atomic():
        by_tag = segments.write(segment=Segment(name="带标签"), rule=rule("tags", value=(str(tag.pk),)), at=AT)
    change = reverse("admin:members_tag_change", args=[tag.pk])
    assert "这个人群的条件用到了本标签" in owner.post(change, written | {"segment": by_tag.pk}).content.decode()
    owner.post(change, written | {"segment": ""})
    assert sent[1:] == [("members.drop_ruleless_tags", {})]
    assert "员工手动" in owner.get(reverse("admin:members_tag_changelist")).content.decode()


def test_a_tag_that_a_segment_asks_for_is_not_deleted(owner: Client) -> None:
    asked, free = Tag.objects.create(name="黑名单"), Tag.objects.create(name="老客")
    condition = {"field": "tags", "operator": "not_in", "value": [str(asked.pk)], "days": None}
    Segment.objects.create(
        name="可营销", created_at=AT, rule={"match": "all", "groups": [{"match": "all", "conditions": [condition]}]}
    )
    owner.post(reverse("admin:members_tag_delete", args=[asked.pk]), {"post": "yes"})
    chosen = {"action": "delete_selected", "_selected_action": [asked.pk, free.pk], "post": "yes"}
    owner.post(reverse("admin:members_tag_changelist"), chosen)
    assert Tag.objects.count() == 2, "without the tag everybody would be in the segment"
    owner.post(reverse("admin:members_tag_delete", args=[free.pk]), {"post": "yes"})
    assert Tag.objects.get() == asked
