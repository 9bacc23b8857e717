"""The history of a row: what staff changed from what to what; nothing sealed, nothing that staff did not do."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import Campaign
from config.core.admin.history import changes_of
from mall.models import Category, PageBlock, Product, Store
from members.models import Member, Tier, User
from members.services.registration import register_by_phone
from tests.admin.conftest import ClientWith
from tests.admin.full_shop import fill_shop, with_phone
from tests.mall.builders import AT, a_buyer, a_sku

SECRET = ["password", "phone", "phone_index", "phone_last4", "birthday", "birthday_month_day", "birth_year", "address"]


def read(row: Any, parts: tuple[str, ...] = ()) -> list[tuple[str, str, str, list[tuple[str, str, str]]]]:
    """Every change as (who, kind, of what, [(field, old, new)])."""
    return [
        (c["who"], c["kind"], c["what"], [(d["field"], str(d["old"]), str(d["new"])) for d in c["details"]])
        for c in changes_of(row, parts=parts)
    ]


def save_category(owner: Client, category: Category, **change: Any) -> None:
    page = reverse("admin:mall_category_change", args=[category.pk])
    form = {"name": category.name, "slug": category.slug, "art": category.art, "position": category.position}
    assert owner.post(page, {**form, "is_visible": "on", **change}).status_code == 302


def test_a_change_reads_as_old_and_new_even_of_a_row_that_staff_did_not_make(owner: Client) -> None:
    category = Category.objects.create(name="茶", slug="tea")
    assert read(category) == []
    save_category(owner, category, name="茶叶", is_visible="")
    assert read(category) == [
        ("店长", "修改", "商品分类 茶叶", [("显示", "是", "否"), ("名称", "茶", "茶叶")]),
    ]


def test_saving_without_a_change_leaves_no_record(owner: Client) -> None:
    category = Category.objects.create(name="茶", slug="tea")
    save_category(owner, category)
    assert category.history.count() == 0


def test_adding_and_deleting_are_recorded(owner: Client) -> None:
    form = {"name": "茶", "slug": "tea", "art": "package", "position": "1", "is_visible": "on"}
    assert owner.post(reverse("admin:mall_category_add"), form).status_code == 302
    category = Category.objects.get()
    assert owner.post(reverse("admin:mall_category_delete", args=[category.pk]), {"post": "yes"}).status_code == 302
    assert [kind for _, kind, _, _ in read(category)] == ["删除", "新增"]


def test_a_products_history_tells_of_its_skus(owner: Client) -> None:
    sku = a_sku(price_cents=9900)
    page = reverse("admin:mall_product_change", args=[sku.product_id])
    form: dict[str, Any] = {
        "name": sku.product.name,
        "category": sku.product.category_id,
        "is_on_sale": "on",
        "position": "0",
        "skus-TOTAL_FORMS": "1",
        "skus-INITIAL_FORMS": "1",
        "skus-0-id": sku.pk,
        "skus-0-product": sku.product_id,
        "skus-0-code": sku.code,
        "skus-0-label": sku.label,
        "skus-0-price_cents": "88",
        "skus-0-is_active": "on",
        "skus-0-position": "0",
        "images-TOTAL_FORMS": "0",
        "images-INITIAL_FORMS": "0",
    }
    assert owner.post(page, form).status_code == 302
    details = [d for *_, found in read(Product.objects.get(), ("skus",)) for d in found]
    assert ("售价（分）", "9900", "8800") in details
    html = owner.get(reverse("admin:mall_product_history", args=[sku.product_id])).content.decode()
    assert "9900" in html
    assert "8800" in html


def test_a_role_shows_which_rights_came_and_went(owner: Client) -> None:
    role = Group.objects.create(name="分拣")
    rights = Permission.objects.filter(codename="view_order").values_list("pk", flat=True)
    page = reverse("admin:auth_group_change", args=[role.pk])
    assert owner.post(page, {"name": "分拣", "permissions": list(rights)}).status_code == 302
    [(who, kind, _, [(field, old, new)])] = read(role)
    assert (who, kind) == ("店长", "修改")
    assert (field, old, new) == ("权限", "（空）", "[查看订单]")


def test_an_account_shows_roles_and_never_its_password(owner: Client) -> None:
    role = Group.objects.create(name="分拣")
    lin = User.objects.create_user("lin", password="warehouse-pass-1", is_staff=True)
    page = reverse("admin:members_user_change", args=[lin.pk])
    form = {"username": "lin", "first_name": "林", "is_active": "on", "groups": [role.pk]}
    assert owner.post(page, form).status_code == 302
    changes = {field: (old, new) for *_, found in read(lin) for field, old, new in found}
    assert "（空）" in {old for old, _ in changes.values()}
    assert "[分拣]" in {new for _, new in changes.values()}
    password = reverse("admin:auth_user_password_change", args=[lin.pk])
    form = {"usable_password": "true", "password1": "another-pass-22", "password2": "another-pass-22"}
    before = lin.history.count()
    assert owner.post(password, form).status_code == 302
    assert lin.history.count() == before
    html = owner.get(reverse("admin:members_user_history", args=[lin.pk])).content.decode()
    lin.refresh_from_db()
    assert lin.password not in html


def test_a_member_is_kept_by_nickname_and_nothing_sealed(owner: Client) -> None:
    member = with_phone(a_buyer())
    page = reverse("admin:members_member_change", args=[member.pk])
    form = {
        "nickname": "老杉",
        "tier_changes-TOTAL_FORMS": "0",
        "tier_changes-INITIAL_FORMS": "0",
        "tags-TOTAL_FORMS": 0,
        "tags-INITIAL_FORMS": 0,
    }
    assert owner.post(page, form).status_code == 302
    assert read(member) == [("店长", "修改", f"会员 老杉（{member.number}）", [("昵称", "小杉", "老杉")])]


def historical_models() -> list[Any]:
    return [model for model in apps.get_models() if hasattr(model, "history_type")]


def test_no_history_has_a_column_for_a_secret_or_for_what_is_sealed() -> None:
    found = {(model.__name__, field.name) for model in historical_models() for field in model._meta.fields}
    assert {name for name, field in found if field in SECRET} == {"HistoricalStore"}  # a shop's own phone and address
    kinds = {type(field).__name__ for model in historical_models() for field in model._meta.fields}
    assert not [kind for kind in kinds if "Encrypted" in kind]


def test_what_services_and_members_do_is_not_in_the_history() -> None:
    fill_shop()
    with transaction.atomic():
        register_by_phone(phone="13800000001", channel="h5", at=AT)
    assert {model.__name__: model.objects.count() for model in historical_models()} == {
        model.__name__: 0 for model in historical_models()
    }


def test_keeping_history_costs_the_shop_no_query() -> None:
    member = a_buyer()
    with CaptureQueriesContext(connection) as captured:
        member.nickname = "新名"
        member.save(update_fields=["nickname"])
    assert len(captured) == 1


@pytest.mark.parametrize(
    ("model", "page"),
    [
        (Product, "mall_product"),
        (Member, "members_member"),
        (Tier, "members_tier"),
        (PageBlock, "mall_pageblock"),
        (Store, "mall_store"),
        (Campaign, "campaigns_campaign"),
    ],
)
def test_staff_see_what_was_done_and_owners_what_was_changed(
    model: Any, page: str, owner: Client, staff_with: ClientWith
) -> None:
    fill_shop()
    row = model.objects.order_by("pk").first()
    url = reverse(f"admin:{page}_history", args=[row.pk])
    assert "改了什么" in owner.get(url).content.decode()
    staff = staff_with(page.replace("_", ".view_"))
    response = staff.get(url)
    assert response.status_code == 200
    assert "改了什么" not in response.content.decode()
    assert staff_with().get(url).status_code == 403


def test_a_history_of_nothing_is_not_found_and_an_empty_one_says_so(owner: Client) -> None:
    assert owner.get(reverse("admin:mall_category_history", args=[987654])).status_code == 404
    category = Category.objects.create(name="茶", slug="tea")
    page = owner.get(reverse("admin:mall_category_history", args=[category.pk])).content.decode()
    assert "后台还没有人改过它" in page
