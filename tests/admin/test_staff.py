"""Accounts and roles: owners alone hand out rights; members' log-ins never open the back office."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from members.admin.roles import offered_permissions
from members.models import User
from tests.admin.conftest import ClientWith
from tests.members.factories import a_member

EVERY_RIGHT_ON_ACCOUNTS = [
    f"{app}.{deed}_{model}"
    for app, model in (("members", "user"), ("auth", "group"))
    for deed in ("view", "add", "change", "delete")
]


def test_a_members_log_in_is_not_let_in(owner: Client) -> None:
    member = a_member()
    assert member.user is not None
    client = Client()
    client.force_login(member.user)
    response = client.get("/admin/", follow=True)
    assert response.redirect_chain == [("/admin/login/?next=/admin/", 302)]
    assert client.get(reverse("admin:mall_order_changelist")).status_code == 302


def test_the_list_of_accounts_leaves_members_out(owner: Client) -> None:
    member = a_member()
    assert member.user is not None
    rows = owner.get(reverse("admin:members_user_changelist")).context["cl"].result_list
    assert [row.username for row in rows] == ["owner"]
    page = owner.get(reverse("admin:members_user_change", args=[member.user.pk]))
    assert page.status_code == 302
    assert owner.get(reverse("admin:auth_user_password_change", args=[member.user.pk])).status_code == 404


@pytest.mark.parametrize("page", ["members_user_changelist", "members_user_add", "auth_group_add"])
def test_rights_over_accounts_are_not_handed_out(staff_with: ClientWith, page: str) -> None:
    clerk = staff_with(*EVERY_RIGHT_ON_ACCOUNTS)
    assert clerk.get(reverse(f"admin:{page}")).status_code == 403


def test_no_role_offers_rights_over_accounts_or_what_no_page_allows() -> None:
    offered = {right for rights in offered_permissions().values() for right in rights}
    assert not offered & set(EVERY_RIGHT_ON_ACCOUNTS)
    assert {"mall.view_order", "mall.add_shipment", "mall.add_refund", "members.add_pointsnote"} <= offered
    assert not offered & {"mall.add_order", "mall.delete_order", "points.change_entry", "points.delete_account"}


def test_every_right_that_a_role_offers_exists() -> None:
    known = {
        f"{row.content_type.app_label}.{row.codename}" for row in Permission.objects.select_related("content_type")
    }
    assert {right for rights in offered_permissions().values() for right in rights} - known == set()


def test_a_role_opens_its_pages_and_no_more(owner: Client) -> None:
    rights = Permission.objects.filter(codename__in=["view_order", "add_shipment"]).values_list("pk", flat=True)
    owner.post(reverse("admin:auth_group_add"), {"name": "夜班仓库", "permissions": list(rights)})
    role = Group.objects.get(name="夜班仓库")
    user = User.objects.create_user("lin", password="warehouse-pass-1", is_staff=True)
    user.groups.add(role)
    client = Client()
    client.force_login(user)
    titles = [item["title"] for group in client.get("/admin/").context["sidebar_navigation"] for item in group["items"]]
    assert titles == ["经营看板", "订单"]
    assert client.get(reverse("admin:mall_order_changelist")).status_code == 200
    assert client.get(reverse("admin:members_member_changelist")).status_code == 403


def test_a_new_account_may_log_in_and_sees_nothing_yet(owner: Client) -> None:
    form = {
        "username": "lin",
        "first_name": "林",
        "usable_password": "true",
        "password1": "warehouse-pass-1",
        "password2": "warehouse-pass-1",
    }
    assert owner.post(reverse("admin:members_user_add"), form).status_code == 302
    client = Client()
    log_in = client.post("/admin/login/?next=/admin/", {"username": "lin", "password": "warehouse-pass-1"})
    assert log_in["Location"] == "/admin/"
    assert "请联系店主开通权限" in client.get("/admin/").content.decode()


def account_form(**change: Any) -> dict[str, Any]:
    return {"username": "owner", "first_name": "店长", "is_active": "on", "is_superuser": "on"} | change


@pytest.mark.parametrize("switch", ["is_active", "is_superuser"])
def test_the_only_owner_stays_one(owner: Client, switch: str) -> None:
    user = User.objects.get(username="owner")
    page = reverse("admin:members_user_change", args=[user.pk])
    response = owner.post(page, account_form(**{switch: ""}))
    assert "这是唯一的店主账号，不能停用或取消店主身份" in response.content.decode()
    User.objects.create_superuser("second", password="owner-password-2")
    assert owner.post(page, account_form(**{switch: ""})).status_code == 302


def test_a_log_in_without_a_page_leads_to_the_dashboard() -> None:
    assert Client().get("/admin/login/")["Location"] == "/admin/login/?next=/admin/"


def test_a_wrong_password_is_answered_in_chinese() -> None:
    response = Client().post("/admin/login/?next=/admin/", {"username": "x", "password": "y"})
    assert "请输入一个正确的" in response.content.decode()
