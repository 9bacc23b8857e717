"""Segments in the back office: put together, counted, saved, uploaded, exported."""

import io
import json
import re
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import reverse

from mall.models import Product
from members.models import Segment, SegmentMember, Tag
from members.services import segment_lists, segments
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


def listed(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("list.csv", text.encode("utf-8-sig"), content_type="text/csv")


def test_a_list_of_phones_and_numbers_is_taken_and_bad_lines_are_named(owner: Client) -> None:
    first, second = a_member(), a_member(phone="13800000002")
    file = listed(f"手机号\n+86 138-0000-0001\n{second.number}\n13800000009\n铁粉\n\n13800000001\n")
    url = reverse("admin:members_segment_add")
    page = owner.post(url, form(kind="static", name="铁粉", rule="", file=file), follow=True).content.decode()
    segment = Segment.objects.get()
    assert (segment.members_count, segment.state) == (2, "ready")
    assert members_in(segment) == {first.pk, second.pk}
    assert "名单里有 2 位会员，新加入 2 位，移出 0 位" in page
    assert "第 4 行「138****0009」没有用这个手机号的会员" in page
    assert "第 5 行「铁粉」既不是手机号，也没有这个会员号" in page
    change = reverse("admin:members_segment_change", args=[segment.pk])
    more = {"name": "铁粉", "note": "", "is_enabled": "on", "replaces": "yes", "file": listed(second.number)}
    owner.post(change, more)
    assert members_in(segment) == {second.pk}


def test_the_lines_that_name_nobody_are_a_file_for_who_uploaded_them_without_numbers_in_full(
    owner: Client, staff_with: ClientWith
) -> None:
    lines = "".join(f"1390000{number:04}\n" for number in range(30))
    file = listed(f"{lines}=1+1\n王 +86 137-0000-0000\n")
    url = reverse("admin:members_segment_add")
    page = owner.post(url, form(kind="static", name="铁粉", rule="", file=file), follow=True).content.decode()
    assert "32 行没有对上会员" in page
    assert "等共 32 行" in page
    assert "13900000000" not in page
    (address,) = set(re.findall(r"/admin/members/segment/faults/[^/]+/", page))
    rows = owner.get(address).content.decode("utf-8-sig").splitlines()
    assert rows[:2] == ["行,内容,原因", "1,139****0000,没有用这个手机号的会员"]
    assert rows[-2:] == ["31,'=1+1,既不是手机号，也没有这个会员号", "32,王 +86 ****0000,既不是手机号，也没有这个会员号"]
    assert len(rows) == 33
    assert staff_with("members.view_segment", "members.change_segment").get(address).status_code == 404


def test_a_short_number_is_not_shown_in_full_either(owner: Client) -> None:
    url = reverse("admin:members_segment_add")
    file = listed("8123456\n0571-8765\n")
    page = owner.post(url, form(kind="static", name="铁粉", rule="", file=file), follow=True).content.decode()
    assert ("第 1 行「81****」" in page, "第 2 行「05****」" in page) == (True, True)


def test_a_list_that_names_nobody_replaces_nobody(owner: Client) -> None:
    member = a_member()
    owner.post(
        reverse("admin:members_segment_add"), form(kind="static", name="铁粉", rule="", file=listed(member.number))
    )
    segment = Segment.objects.get()
    wrong = {"name": "铁粉", "note": "", "is_enabled": "on", "replaces": "yes", "file": listed("甲\n乙\n")}
    change = reverse("admin:members_segment_change", args=[segment.pk])
    page = owner.post(change, wrong, follow=True).content.decode()
    assert "名单里有 0 位会员，新加入 0 位，移出 0 位" in page
    assert members_in(segment) == {member.pk}


@pytest.mark.django_db
def test_a_hundred_thousand_lines_are_taken_in_bounded_memory(tmp_path: Path) -> None:
    member = a_member()
    segment = Segment.objects.create(name="名单", kind="static", created_at=AT)
    path = tmp_path / "list.csv"
    with path.open("w") as file:
        file.writelines(f"x{number}\n" for number in range(99_999))
        file.write(f"{member.number}\n")
    tracemalloc.start()
    with transaction.atomic():
        done = segment_lists.upload(segment_id=segment.pk, path=path, faults=tmp_path / "faults", replaces=True, at=AT)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (done.named, done.entered, done.bad, len(done.bad_rows)) == (1, 1, 99_999, 20)
    assert peak < 8_000_000
    with (tmp_path / "faults").open() as file:
        assert sum(1 for _ in file) == 100_000


def members_in(segment: Segment) -> set[int]:
    return set(SegmentMember.objects.filter(segment=segment).values_list("member_id", flat=True))


def test_a_file_that_is_no_list_leaves_the_segment_empty(owner: Client) -> None:
    file = SimpleUploadedFile("list.xlsx", b"PK\x03\x04nonsense")
    page = owner.post(
        reverse("admin:members_segment_add"), form(kind="static", rule="", file=file), follow=True
    ).content.decode()
    assert "名单没有导入" in page
    assert Segment.objects.get().members_count == 0


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
