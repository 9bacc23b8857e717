"""操作记录: one list of what staff did, from what to what, whichever page they did it on."""

import csv
import io
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.back_office.audit.deeds import Book
from config.back_office.audit.masking import masked
from config.back_office.models import StaffDeed
from config.core.staff_history import RowChange
from mall.models import Category, Product, Sku
from members.models import Tier, User
from tests.admin.conftest import ClientWith
from tests.admin.full_shop import with_phone
from tests.mall.builders import a_buyer, a_sku

LIST = "/admin/back_office/staffdeed/"


def told() -> list[tuple[str, str, str, str, list[list[str]]]]:
    """Every deed, the oldest first, as (kind, model, object, sentence, changes)."""
    rows = StaffDeed.objects.order_by("id")
    return list(rows.values_list("kind", "model", "label", "text", "changes"))


def save_category(client: Client, category: Category, **change: Any) -> None:
    page = reverse("admin:mall_category_change", args=[category.pk])
    form = {"name": category.name, "slug": category.slug, "art": category.art, "position": category.position}
    assert client.post(page, {**form, "is_visible": "on", **change}).status_code == 302


# ── what is noted ──


def test_adding_changing_and_deleting_a_row_is_noted_once_each(owner: Client) -> None:
    form = {"name": "茶", "slug": "tea", "art": "cat-tea", "position": 1, "is_visible": "on"}
    assert owner.post(reverse("admin:mall_category_add"), form).status_code == 302
    category = Category.objects.get()
    save_category(owner, category, name="茶叶", is_visible="")
    category.refresh_from_db()
    save_category(owner, category, is_visible="")
    owner.post(reverse("admin:mall_category_delete", args=[category.pk]), {"post": "yes"})
    assert told() == [
        ("add", "mall.category", "茶", "", []),
        ("change", "mall.category", "茶叶", "", [["名称", "茶", "茶叶"], ["显示", "是", "否"]]),
        ("delete", "mall.category", "茶叶", "", []),
    ]
    assert set(StaffDeed.objects.values_list("user__username", flat=True)) == {"owner"}


def test_what_no_member_of_staff_does_is_not_noted() -> None:
    Category.objects.create(name="茶", slug="tea")
    a_sku()
    assert told() == []


def test_a_button_is_noted_with_its_sentence(owner: Client) -> None:
    product = a_sku(name="明前龙井").product
    form = {"action": "take_off_sale", "_selected_action": [product.pk]}
    assert owner.post(reverse("admin:mall_product_changelist"), form).status_code == 302
    kinds = [(kind, label, text) for kind, _, label, text, _ in told()]
    assert ("act", "明前龙井", "已下架") in kinds


def test_roles_given_and_taken_are_noted(owner: Client) -> None:
    role = Group.objects.create(name="分拣")
    user = User.objects.create_user("lin", password="warehouse-pass-1", first_name="林", is_staff=True)
    page = reverse("admin:members_user_change", args=[user.pk])
    form = {"username": "lin", "first_name": "林", "is_active": "on"}
    owner.post(page, {**form, "groups": [role.pk]})
    owner.post(page, form)
    changes = [change for *_, all_of_one in told() for change in all_of_one]
    assert changes == [["角色", "", "加上 分拣"], ["角色", "去掉 分拣", ""]]


def test_a_colleagues_new_password_is_noted_and_not_told(owner: Client) -> None:
    user = User.objects.create_user("lin", password="warehouse-pass-1", is_staff=True)
    form = {"usable_password": "true", "password1": "set-by-owner-9", "password2": "set-by-owner-9"}
    owner.post(reverse("admin:auth_user_password_change", args=[user.pk]), form)
    assert [(kind, label) for kind, _, label, _, _ in told()] == [("change", "lin")]
    assert "set-by-owner-9" not in str(told())


@override_settings(STORED_SETTINGS=True)
def test_a_changed_setting_is_noted_from_what_to_what(owner: Client) -> None:
    page = reverse("admin:constance_config_changelist")
    form = owner.get(page).context["form"]
    data = {name: field.prepare_value(form.initial.get(name)) for name, field in form.fields.items()}
    data = {name: value for name, value in data.items() if value is not False} | {"freight_cents": "6.50"}
    assert owner.post(page, {**data, "version": form["version"].value()}).status_code == 302
    assert told() == [("change", "constance.constance", "店铺设置", "", [["运费（元）", "8.00", "6.50"]])]


def test_ones_own_new_password_is_noted_and_not_told(owner: Client) -> None:
    form = {"old_password": "owner-password-1", "new_password1": "another-pass-2", "new_password2": "another-pass-2"}
    assert owner.post(reverse("admin:password_change"), {**form, "old_password": "wrong"}).status_code == 200
    assert told() == []
    assert owner.post(reverse("admin:password_change"), form).status_code == 302
    assert told() == [("act", "members.user", "owner", "修改了自己的密码", [])]


def test_taking_a_list_away_is_noted_with_its_filters(owner: Client) -> None:
    a_sku()
    assert owner.get(reverse("admin:mall_stock_export")).status_code == 200
    assert owner.get(reverse("admin:mall_product_export"), {"q": "13912345678", "p": "1"}).status_code == 200
    assert told() == [
        ("export", "mall.stock", "", "导出库存列表（全部）", []),
        ("export", "mall.product", "", "导出商品列表（筛选：搜索 139****5678）", []),
    ]


def test_filters_of_an_export_read_as_the_list_names_them(owner: Client) -> None:
    query = {"status__exact": "paid", "created_at_from": "2026-10-01", "created_at_to": "2026-10-02"}
    assert owner.get(reverse("admin:mall_order_export"), query).status_code == 200
    assert told()[0][3] == "导出订单列表（筛选：状态 待发货，下单时间 从 2026-10-01，下单时间 到 2026-10-02）"


def test_who_may_not_take_a_list_away_leaves_no_deed(staff_with: ClientWith) -> None:
    assert staff_with().get(reverse("admin:mall_stock_export")).status_code == 403
    assert told() == []


def test_a_save_that_is_undone_leaves_no_deed(owner: Client) -> None:
    category = Category.objects.create(name="茶", slug="tea")
    Category.objects.create(name="酒", slug="wine")
    page = reverse("admin:mall_category_change", args=[category.pk])
    assert owner.post(page, {"name": "茶", "slug": "wine", "art": "tea", "position": 0}).status_code == 200
    assert told() == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("请联系13912345678，急", "请联系139****5678，急"),
        ("139 1234", "139 1234"),
        ("订单20261014139123456789", "订单20261014139123456789"),
        ("lin.wang+shop@example.com 要发票", "l***@example.com 要发票"),
        ("邮箱：林@例子.公司", "邮箱：林***@例子.公司"),
        ("", ""),
    ],
)
def test_personal_data_in_sentences_is_masked(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_phone_and_mail_are_masked_when_they_are_written(owner: Client) -> None:
    user = User.objects.get(username="owner")
    details = (("备注", "13912345678", "lin@example.com"), ("介绍", "", "长" * 600))
    Book(user).note_row(RowChange(kind="~", row=user, details=details))
    assert told()[0][4] == [["备注", "139****5678", "l***@example.com"], ["介绍", "", f"{'长' * 500}…（共 600 字）"]]


def test_sealed_fields_are_not_shown() -> None:
    from config.core.staff_history import in_words
    from members.models import Member

    member = with_phone(a_buyer())
    assert in_words(Member._meta.get_field("phone"), member) == "（不显示）"


# ── the list ──


def test_owners_and_whoever_may_view_it_see_the_list_and_nobody_else(owner: Client, staff_with: ClientWith) -> None:
    save_category(owner, Category.objects.create(name="茶", slug="tea"), name="茶叶")
    for client in (owner, staff_with("back_office.view_staffdeed")):
        page = client.get(LIST).content.decode()
        assert "茶 → 茶叶" in page
        assert client.get(f"{LIST}export/").status_code == 200
    clerk = staff_with("mall.view_category", "admin.view_logentry")
    assert [clerk.get(url).status_code for url in (LIST, f"{LIST}export/")] == [403, 403]


def test_nobody_changes_or_deletes_a_deed(owner: Client) -> None:
    save_category(owner, Category.objects.create(name="茶", slug="tea"), name="茶叶")
    deed = StaffDeed.objects.get()
    assert owner.get(f"{LIST}add/").status_code == 403
    assert owner.post(f"{LIST}{deed.pk}/delete/", {"post": "yes"}).status_code == 403
    assert owner.post(f"{LIST}{deed.pk}/change/", {"label": "x"}).status_code == 403
    owner.post(LIST, {"action": "delete_selected", "_selected_action": [deed.pk], "post": "yes"})
    assert StaffDeed.objects.get().label == "茶叶"


def shown(client: Client, **query: str) -> list[str]:
    return [deed.label for deed in client.get(LIST, query).context["cl"].result_list]


@pytest.fixture
def three_deeds(owner: Client) -> Client:
    """Owner renamed a category on the 1st, a colleague added one on the 2nd and deleted a tier on the 3rd."""
    lin = User.objects.create_user("lin", password="warehouse-pass-1", first_name="林", is_staff=True)
    tier = Tier.objects.order_by("rank").first()
    assert tier is not None
    boss = Book(User.objects.get(username="owner"))
    boss.note_row(RowChange(kind="~", row=Category.objects.create(name="茶叶", slug="tea")))
    Book(lin).note_row(RowChange(kind="+", row=Category.objects.create(name="酒", slug="wine")))
    Book(lin).note_row(RowChange(kind="-", row=tier))
    for day, deed in enumerate(StaffDeed.objects.order_by("id"), start=1):
        StaffDeed.objects.filter(pk=deed.pk).update(at=f"2026-10-0{day}T23:30:00+08:00")
    return owner


@pytest.mark.parametrize(
    ("query", "labels"),
    [
        ({}, ["青铜会员", "酒", "茶叶"]),
        ({"staff": "lin"}, ["青铜会员", "酒"]),
        ({"of": "mall.category"}, ["酒", "茶叶"]),
        ({"kind__exact": "delete"}, ["青铜会员"]),
        ({"at_from": "2026-10-02"}, ["青铜会员", "酒"]),
        ({"at_to": "2026-10-02"}, ["酒", "茶叶"]),
        ({"at_from": "2026-10-02", "at_to": "2026-10-02"}, ["酒"]),
        ({"q": "茶"}, ["茶叶"]),
        ({"staff": "0"}, []),
        ({"staff": "x; DROP"}, ["青铜会员", "酒", "茶叶"]),
    ],
)
def test_the_list_is_filtered_and_searched(three_deeds: Client, query: dict[str, str], labels: list[str]) -> None:
    if query.get("staff") == "lin":
        query = {"staff": str(User.objects.get(username="lin").pk)}
    assert shown(three_deeds, **query) == labels


def test_a_deed_leads_to_its_object_unless_that_is_gone(three_deeds: Client) -> None:
    page = three_deeds.get(LIST).content.decode()
    assert reverse("admin:mall_category_change", args=[Category.objects.get(slug="tea").pk]) in page
    tier = Tier.objects.order_by("rank").first()
    assert tier is not None
    assert f'href="{reverse("admin:members_tier_change", args=[tier.pk])}"' not in page


def test_the_file_says_what_the_list_says(three_deeds: Client) -> None:
    text = three_deeds.get(f"{LIST}export/", {"kind__exact": "add"}).content.decode("utf-8-sig")
    header, *lines = csv.reader(io.StringIO(text))
    assert header == ["时间", "员工", "类型", "对象类型", "对象", "内容"]
    assert lines == [["2026-10-02 23:30", "林", "新增", "商品分类", "酒", "—"]]


def test_the_list_costs_the_same_however_long_and_however_many_models(owner: Client) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert owner.get(LIST).status_code == 200
        return len(captured)

    book = Book(User.objects.get(username="owner"))
    book.note_row(RowChange(kind="+", row=a_sku()))
    owner.get(LIST)
    few = cost()
    for model in (Category, Product, Sku, Tier, User):
        for _ in range(30):
            row = model._default_manager.first()
            assert row is not None
            book.note_row(RowChange(kind="~", row=row, details=(("名称", "甲", "乙"),)))
    assert cost() == few
    assert few <= 10
