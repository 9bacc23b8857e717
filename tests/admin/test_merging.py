"""The merge page: preview, typed confirmation, and nothing but what was shown."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.test import Client
from django.urls import reverse

from members.models import Member
from points import ledger
from tests.admin.conftest import ClientWith
from tests.admin.test_every_page import english
from tests.mall.builders import AT, LATER, a_buyer, a_paid_order, a_sku, give_points, points_of

pytestmark = pytest.mark.django_db


class Page:
    """The merge page of the member who stays."""

    def __init__(self, client: Client, target: Member) -> None:
        self.client, self.url = client, reverse("admin:members_member_merge_page", args=[target.pk])

    def preview(self, number: str) -> Any:
        return self.client.post(self.url, {"number": number, "preview": "1"})

    def confirm(self, number: str, *, typed: str, previewed: str) -> Any:
        return self.client.post(self.url, {"number": number, "typed": typed, "previewed": previewed, "confirm": "1"})


@pytest.fixture
def pair() -> tuple[Member, Member]:
    """A duplicate with 300 points and an order, and a member with 100."""
    source, target = a_buyer(), a_buyer(points=100)
    give_points(source, 300, expires_at=AT + timedelta(days=30))
    a_paid_order(source, (a_sku(), 1))
    return source, target


@pytest.fixture(autouse=True)
def at_once(settings: Any) -> None:
    """Merges take effect when they are confirmed; what waits is tested in test_duplicates.py."""
    settings.POLICIES = {"merge_delay_hours": 0}


@pytest.fixture(autouse=True)
def later() -> Any:
    with time_machine.travel(LATER, tick=False):
        yield


def test_the_preview_shows_both_and_what_becomes_of_them(owner: Client, pair: tuple[Member, Member]) -> None:
    source, target = pair
    context = Page(owner, target).preview(f" {source.number} ").context
    assert dict(context["balances"])["可用积分"] == ["300", "100", "400"]
    assert dict(context["lapsing"])["2026-12-18 到期"] == ["300", "0", "300"]
    assert (dict(context["moves"])["订单"], dict(context["moves"])["收货地址"]) == ("1", "1")
    assert points_of(target) == (100, 0)
    source.refresh_from_db()
    assert source.merged_into_id is None


def test_what_was_previewed_is_merged_after_the_number_was_typed(owner: Client, pair: tuple[Member, Member]) -> None:
    source, target = pair
    page = Page(owner, target)
    previewed = page.preview(source.number).context["previewed"]
    wrong = page.confirm(source.number, typed="123", previewed=previewed)
    assert (wrong.status_code, "输入的会员号与要并入的会员不一致" in wrong.content.decode()) == (422, True)
    assert points_of(target) == (100, 0)
    done = page.confirm(source.number, typed=source.number, previewed=previewed)
    change = reverse("admin:members_member_change", args=[target.pk])
    assert (done.status_code, done["Location"]) == (302, change)
    assert points_of(target) == (400, 0)
    said = {entry.object_id: entry.get_change_message() for entry in LogEntry.objects.all()}
    assert said == {
        str(source.pk): f"已并入会员 {target.number}",
        str(target.pk): f"已并入会员 {source.number}，现有 400 积分",
    }
    again = page.confirm(source.number, typed=source.number, previewed=previewed)
    assert (again.status_code, points_of(target)) == (302, (400, 0))


def test_what_has_changed_since_is_previewed_again(owner: Client, pair: tuple[Member, Member]) -> None:
    source, target = pair
    page = Page(owner, target)
    previewed = page.preview(source.number).context["previewed"]
    give_points(source, 1, key="more")
    answer = page.confirm(source.number, typed=source.number, previewed=previewed)
    assert answer.status_code == 409
    assert "请核对新的预览后再确认" in answer.content.decode()
    assert points_of(target) == (100, 0)


@pytest.mark.parametrize("number", ["", "nobody", "1" * 13, "<b>"])
def test_a_number_that_is_nobodys_is_refused(owner: Client, pair: tuple[Member, Member], number: str) -> None:
    answer = Page(owner, pair[1]).preview(number)
    assert (answer.status_code, answer.context["balances"]) == (422, None)
    assert answer.content.decode().count('role="alert"') == 1


def test_refusals_stand_at_the_number(owner: Client, pair: tuple[Member, Member]) -> None:
    source, target = pair
    assert "不能把会员合并到自己" in Page(owner, target).preview(target.number).content.decode()
    with transaction.atomic():
        ledger.hold(
            account=source.points_account_id, points=1, key="h", source="order:9", until=LATER + timedelta(1), at=LATER
        )
    assert "有未付款订单冻结着积分" in Page(owner, target).preview(source.number).content.decode()


def test_a_merged_member_says_so_and_offers_only_the_account(owner: Client, pair: tuple[Member, Member]) -> None:
    source, target = pair
    page = Page(owner, target)
    page.confirm(source.number, typed=source.number, previewed=page.preview(source.number).context["previewed"])
    change = owner.get(reverse("admin:members_member_change", args=[source.pk]))
    assert [button["title"] for button in change.context["actions_detail"]] == ["积分账户"]
    assert "该会员是重复的，已合并到" in change.content.decode()
    assert "已合并" in owner.get(reverse("admin:members_member_changelist")).content.decode()
    account = owner.get(reverse("admin:members_member_account", args=[source.pk])).content.decode()
    assert "账户已结清" in account
    assert "合并账号转出" in account
    dialog = owner.post(
        reverse("admin:members_member_adjust_points", args=[source.pk]),
        {"points": 5, "text": "补偿", "key": "adjust:1", "_form_submitted": "on"},
    )
    assert f"该会员已合并到会员 {target.number}" in dialog.content.decode()


def test_only_who_may_merge_gets_there(staff_with: ClientWith, pair: tuple[Member, Member]) -> None:
    source, target = pair
    clerk, merger = staff_with("members.view_member"), staff_with("members.view_member", "members.merge_member")
    url = Page(clerk, target).url
    assert (clerk.get(url).status_code, clerk.post(url, {"number": source.number}).status_code) == (403, 403)
    assert (Client().get(url).status_code, merger.get(url).status_code) == (302, 200)
    assert merger.get(url.replace(str(target.pk), "999999")).status_code == 404


def test_the_page_shows_no_english(owner: Client, pair: tuple[Member, Member]) -> None:
    source, target = pair
    assert english(Page(owner, target).preview(source.number).content.decode()) == []
