"""Adjustments that need a second person, from the dialog to the decision."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse

from members.admin.adjustments import waiting_badge
from members.models import AdjustmentRequest, Member
from tests.admin.conftest import ClientWith
from tests.admin.test_members import Dialog
from tests.mall.builders import a_buyer, points_of

RIGHTS = ("members.view_adjustmentrequest", "members.approve_adjustmentrequest")
LIST = "/admin/members/adjustmentrequest/"


@pytest.fixture
def asked(staff_with: ClientWith) -> tuple[Member, Client]:
    """A member for whom a clerk asked for 20,000 points, and the clerk's browser."""
    member, clerk = a_buyer(points=100), staff_with("members.view_member", "members.add_pointsnote", *RIGHTS)
    answer = Dialog(clerk, member).send(20_000)
    assert answer["HX-Redirect"] == reverse("admin:members_member_change", args=[member.pk])
    return member, clerk


def act(client: Client, name: str, **form: Any) -> Any:
    """One of the three buttons of the only request."""
    request = AdjustmentRequest.objects.get()
    url = reverse(f"admin:members_adjustmentrequest_{name}", args=[request.pk])
    return client.post(url, {"_form_submitted": "on", **form})


def buttons(client: Client) -> list[str]:
    page = reverse("admin:members_adjustmentrequest_change", args=[AdjustmentRequest.objects.get().pk])
    return [button["title"] for button in client.get(page).context["actions_detail"]]


def test_the_dialog_says_that_a_second_person_is_asked_and_books_nothing(asked: tuple[Member, Client]) -> None:
    member, clerk = asked
    assert points_of(member) == (100, 0)
    sentence = "调整 +20,000 积分已提交审批，须由另一位员工同意后入账（补偿物流延误）"
    assert sentence in clerk.get(reverse("admin:members_member_change", args=[member.pk])).content.decode()
    assert LogEntry.objects.get().get_change_message() == sentence


def test_a_second_person_approves_and_the_histories_say_so(asked: tuple[Member, Client], owner: Client) -> None:
    member, _ = asked
    assert buttons(owner) == ["同意", "拒绝"]
    assert "HX-Redirect" in act(owner, "approve")
    assert points_of(member) == (20_100, 0)
    assert buttons(owner) == []
    said = [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")[1:]]
    assert sorted(said) == [
        "审批积分调整：已同意，积分变动 +20,000，会员现有 20,100 积分",
        "已同意，积分变动 +20,000，会员现有 20,100 积分",
    ]
    request = AdjustmentRequest.objects.get()
    history = owner.get(reverse("admin:members_adjustmentrequest_history", args=[request.pk])).content.decode()
    assert "已通过" in history


def test_who_asked_may_withdraw_and_not_decide(asked: tuple[Member, Client]) -> None:
    member, clerk = asked
    assert buttons(clerk) == ["撤回申请"]
    for name in ("approve", "refuse"):
        assert "不能审批自己提交的申请" in act(clerk, name, text="不应该").content.decode()
    assert AdjustmentRequest.objects.get().status == "pending"
    assert "HX-Redirect" in act(clerk, "withdraw")
    assert AdjustmentRequest.objects.get().status == "withdrawn"
    assert points_of(member) == (100, 0)


def test_a_refusal_needs_a_reason(asked: tuple[Member, Client], owner: Client) -> None:
    assert "HX-Redirect" not in act(owner, "refuse", text="")
    assert "HX-Redirect" in act(owner, "refuse", text="没有延误")
    assert AdjustmentRequest.objects.get().answer == "没有延误"
    late = act(owner, "approve")
    assert "HX-Redirect" not in late
    assert points_of(asked[0]) == (100, 0)


def test_who_may_not_decide_sees_no_buttons_and_is_refused(
    asked: tuple[Member, Client], staff_with: ClientWith
) -> None:
    looker, stranger = staff_with("members.view_adjustmentrequest"), staff_with()
    assert buttons(looker) == []
    assert [act(looker, name).status_code for name in ("approve", "refuse", "withdraw")] == [403, 403, 403]
    assert (stranger.get(LIST).status_code, Client().get(LIST).status_code) == (403, 302)
    assert AdjustmentRequest.objects.get().status == "pending"


def test_what_waits_is_counted_on_the_dashboard_and_in_the_sidebar(asked: tuple[Member, Client], owner: Client) -> None:
    todo = next(todo for todo in owner.get("/admin/").context["todos"] if todo["title"] == "待审批的积分调整")
    assert (todo["count"], todo["url"]) == ("1", f"{LIST}?state=pending")
    assert len(owner.get(todo["url"]).context["cl"].result_list) == 1
    assert waiting_badge(HttpRequest()) == "1"
    act(owner, "approve")
    assert len(owner.get(todo["url"]).context["cl"].result_list) == 0
    assert waiting_badge(HttpRequest()) == ""


@pytest.mark.parametrize(("state", "found"), [("pending", 0), ("lapsed", 1), ("approved", 0), ("nonsense", 0)])
def test_a_request_out_of_time_is_listed_as_lapsed(
    asked: tuple[Member, Client], owner: Client, state: str, found: int
) -> None:
    request = AdjustmentRequest.objects.get()
    request.expires_at = request.requested_at + (request.expires_at - request.requested_at) / 10**9
    request.save()
    page = owner.get(LIST, {"state": state})
    assert len(page.context["cl"].result_list) == found
    assert buttons(owner) == []
    assert "HX-Redirect" not in act(owner, "approve")
    assert "已过期" in owner.get(LIST).content.decode()
