"""Pairs that may be one person and merges that wait, as staff see and decide them."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import Client
from django.urls import reverse

from members.models import Duplicate, Member, MergeRequest
from members.services import duplicates, merge_requests, traces
from tests.admin.conftest import ClientWith
from tests.mall.builders import AT, a_buyer, give_points, points_of

pytestmark = pytest.mark.django_db
DIALOG = {"_form_submitted": "on"}


@pytest.fixture(autouse=True)
def now() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def pair() -> tuple[Member, Member]:
    """Two members on one device; the second has 300 points."""
    first, second = a_buyer(), a_buyer()
    give_points(second, 300)
    with transaction.atomic():
        for member in (first, second):
            traces.note_device(member_id=member.pk, device="phone", at=AT)
        duplicates.find_next(after_member_id=0, limit=100, at=AT)
    return first, second


def change(model: str, pk: int) -> str:
    return reverse(f"admin:members_{model}_change", args=[pk])


def buttons(client: Client, page: str) -> list[str]:
    return [button["title"] for button in client.get(page).context["actions_detail"]]


def confirm(client: Client, target: Member, source: Member) -> Any:
    url = reverse("admin:members_member_merge_page", args=[target.pk])
    previewed = client.post(url, {"number": source.number, "preview": "1"}).context["previewed"]
    given = {"number": source.number, "typed": source.number, "previewed": previewed, "confirm": "1"}
    return client.post(url, given, follow=True)


def test_a_pair_is_listed_with_its_reason_and_counted(owner: Client, pair: tuple[Member, Member]) -> None:
    page = owner.get(reverse("admin:members_duplicate_changelist")).content.decode()
    assert (pair[0].number in page, pair[1].number in page, "同一设备" in page) == (True, True, True)
    other = owner.get(reverse("admin:members_duplicate_changelist") + "?reason=unionid").content.decode()
    assert pair[0].number not in other


def test_a_button_opens_the_merge_with_the_number_filled_in(owner: Client, pair: tuple[Member, Member]) -> None:
    page = change("duplicate", Duplicate.objects.get().pk)
    assert buttons(owner, page) == ["合并到前一位", "合并到后一位", "不是同一人"]
    url = reverse("admin:members_duplicate_keep_first", args=[Duplicate.objects.get().pk])
    form = owner.get(url, follow=True)
    assert f'value="{pair[1].number}"' in form.content.decode()
    assert "确认后 24 小时生效，之前可以取消" in form.content.decode()


def test_two_who_are_not_one_are_said_so(owner: Client, pair: tuple[Member, Member]) -> None:
    row = Duplicate.objects.get()
    owner.post(reverse("admin:members_duplicate_dismiss", args=[row.pk]), DIALOG)
    row.refresh_from_db()
    assert (row.status, row.decided_by_id is None) == ("dismissed", False)
    assert buttons(owner, change("duplicate", row.pk)) == []


def test_a_confirmed_merge_waits_and_says_until_when(owner: Client, pair: tuple[Member, Member]) -> None:
    target, source = pair
    page = confirm(owner, target, source).content.decode()
    request = MergeRequest.objects.get()
    assert (request.status, request.due_at) == ("pending", AT + timedelta(hours=24))
    assert f"会员 {source.number} 将于 2026-11-19 12:00 并入，之前可以在「会员合并」里取消" in page
    assert points_of(target) == (0, 0)
    with transaction.atomic():
        merge_requests.perform_next(at=request.due_at)
    assert points_of(target) == (300, 0)
    assert buttons(owner, change("mergerequest", request.pk)) == []
    assert Duplicate.objects.get().status == "merged"


def test_a_waiting_merge_is_cancelled_by_a_button(owner: Client, pair: tuple[Member, Member]) -> None:
    target, source = pair
    confirm(owner, target, source)
    request = MergeRequest.objects.get()
    assert buttons(owner, change("mergerequest", request.pk)) == ["取消合并"]
    owner.post(reverse("admin:members_mergerequest_cancel", args=[request.pk]), DIALOG)
    request.refresh_from_db()
    assert request.status == "cancelled"
    with transaction.atomic():
        assert merge_requests.perform_next(at=AT + timedelta(days=3)) is False


def test_a_second_merge_of_the_same_member_is_refused_in_words(owner: Client, pair: tuple[Member, Member]) -> None:
    target, source = pair
    confirm(owner, target, source)
    page = confirm(owner, a_buyer(), source).content.decode()
    assert f"会员 {source.number} 已有等待生效的合并，请先处理它" in page


def test_only_who_may_merge_decides(staff_with: ClientWith, pair: tuple[Member, Member]) -> None:
    viewer = staff_with("members.view_duplicate", "members.view_mergerequest", "members.view_member")
    row = Duplicate.objects.get()
    assert buttons(viewer, change("duplicate", row.pk)) == []
    viewer.post(reverse("admin:members_duplicate_dismiss", args=[row.pk]), DIALOG)
    row.refresh_from_db()
    assert row.status == "open"
