"""Products in the back office: SKUs, first stock, pictures that are pictures, shelves, stock."""

import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from mall.models import Category, PageBlock, Product, ProductImage, Sku, Stock
from tests.admin.conftest import ClientWith
from tests.admin.visible_text import visible_text
from tests.mall.builders import a_buyer, a_category, a_paid_order, a_sku, shelf

ADD = "/admin/mall/product/add/"


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def a_picture(kind: str = "PNG", size: tuple[int, int] = (40, 30)) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "#d9381a").save(out, kind)
    return out.getvalue()


def a_form(**change: Any) -> dict[str, Any]:
    """A product with one SKU and no picture."""
    return {
        "category": a_category().pk,
        "name": "明前龙井",
        "subtitle": "",
        "description": "",
        "is_on_sale": "on",
        "position": 1,
        "skus-TOTAL_FORMS": 1,
        "skus-INITIAL_FORMS": 0,
        "skus-0-code": "TEA-1",
        "skus-0-label": "标准装",
        "skus-0-price_cents": "199.00",
        "skus-0-first_stock": 12,
        "skus-0-is_active": "on",
        "skus-0-position": 1,
        "images-TOTAL_FORMS": 0,
        "images-INITIAL_FORMS": 0,
    } | change


def with_file(content: bytes, name: str, kind: str) -> dict[str, Any]:
    upload = SimpleUploadedFile(name, content, kind)
    return a_form(**{"images-TOTAL_FORMS": 1, "images-0-image": upload, "images-0-position": 1})


def test_a_product_is_added_with_its_sku_price_and_first_stock(owner: Client) -> None:
    assert owner.post(ADD, a_form()).status_code == 302
    sku = Sku.objects.get()
    assert (sku.code, sku.price_cents, sku.list_price_cents, sku.redeem_cash_cents) == ("TEA-1", 19900, None, 0)
    assert shelf(sku) == (12, 0)


def test_the_edit_page_shows_yuan_and_saving_it_changes_nothing(owner: Client) -> None:
    owner.post(ADD, a_form())
    product = Product.objects.get()
    page = reverse("admin:mall_product_change", args=[product.pk])
    assert 'value="199.00"' in owner.get(page).content.decode()
    sku = Sku.objects.get()
    form = a_form(**{"skus-INITIAL_FORMS": 1, "skus-0-id": sku.pk, "skus-0-product": product.pk})
    del form["skus-0-first_stock"]
    assert owner.post(page, form).status_code == 302
    assert (Sku.objects.get().price_cents, shelf(sku)) == (19900, (12, 0))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": ""}, "该字段是必填项。"),
        ({"skus-0-price_cents": ""}, "该字段是必填项。"),
        ({"skus-0-price_cents": "-1"}, "确保该值大于或等于0。"),
        ({"skus-0-price_cents": "1.999"}, "确认小数不超过 2 位"),
        ({"skus-0-price_cents": "NaN"}, "输入一个数字。"),
        ({"skus-0-price_cents": "99999999999999"}, "确认总共不超过 12 个数字"),
        ({"skus-0-first_stock": "-5"}, "确保该值大于或等于0。"),
        ({"skus-0-redeem_points": "0"}, "兑换积分"),
        ({"skus-0-member_price_cents": "199.01"}, "会员价应大于 0，且不高于售价"),
        ({"skus-0-member_price_cents": "0"}, "会员价应大于 0，且不高于售价"),
        ({"skus-TOTAL_FORMS": 0}, "上架的商品至少要有一个启用的规格"),
        ({"skus-0-is_active": ""}, "上架的商品至少要有一个启用的规格"),
        ({"is_redeemable": "on"}, "积分兑换的商品至少要有一个启用的规格填写兑换积分"),
    ],
)
def test_a_bad_product_is_refused_in_chinese(owner: Client, change: dict[str, Any], sentence: str) -> None:
    response = owner.post(ADD, a_form(**change))
    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert Product.objects.count() == 0


def test_a_member_price_is_kept_in_cents_and_found_by_the_filter(owner: Client) -> None:
    owner.post(ADD, a_form(**{"skus-0-member_price_cents": "179.50"}))
    assert Sku.objects.get().member_price_cents == 17950
    other = a_sku().product_id
    mine = Product.objects.exclude(pk=other).get().pk
    for value, shown in (("1", {mine}), ("0", {other})):
        page = owner.get(reverse("admin:mall_product_changelist"), {"member_price": value})
        assert {row.pk for row in page.context["cl"].result_list} == shown


def test_a_code_that_another_sku_has_is_refused(owner: Client) -> None:
    owner.post(ADD, a_form())
    response = owner.post(ADD, a_form())
    assert "具有 规格编码 的 规格 已存在。" in response.content.decode()
    assert Product.objects.count() == 1


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_picture_is_stored_as_our_own_webp(owner: Client, kind: str) -> None:
    content = a_picture(kind, (2000, 1000))
    assert owner.post(ADD, with_file(content, "照片.exe", "image/png")).status_code == 302
    stored = ProductImage.objects.get().image
    assert stored.name.startswith("products/")
    assert stored.name.endswith(".webp")
    with default_storage.open(stored.name) as file:
        picture = Image.open(file)
        assert (picture.format, picture.size) == ("WEBP", (1200, 600))


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
NO_PICTURE = "图片无法使用：不是有效的 JPG、PNG、WebP 或 GIF 图片"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (SVG, NO_PICTURE),
        (b"<script>alert(1)</script>", NO_PICTURE),
        (b"GIF89a<script>alert(1)</script>", NO_PICTURE),
        (a_picture("PNG")[:60], NO_PICTURE),
        (a_picture("JPEG", (800, 800))[:-600], NO_PICTURE),
        (a_picture("BMP"), NO_PICTURE),
        (a_picture("PNG", (6001, 10)), "图片无法使用：边长超过 6000 像素"),
        (b"x" * (11 * 1024 * 1024), "图片无法使用：文件超过 10 MB"),
        (b"", "空"),
    ],
    ids=["svg", "text", "false gif", "cut png", "cut jpeg", "bmp", "too wide", "11 MB", "empty"],
)
def test_what_is_no_picture_is_refused_with_a_sentence(owner: Client, content: bytes, sentence: str) -> None:
    response = owner.post(ADD, with_file(content, "a.png", "image/png"))
    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert ProductImage.objects.count() == 0


def a_bomb(side: int) -> bytes:
    """A PNG of a few bytes that claims to be `side` pixels wide and high."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [9_000, 13_000, 60_000])
def test_an_image_bomb_is_refused_before_it_is_decoded(owner: Client, side: int) -> None:
    response = owner.post(ADD, with_file(a_bomb(side), "bomb.png", "image/png"))
    assert "图片无法使用：边长超过 6000 像素" in response.content.decode()


def act(owner: Client, action: str, *products: Product) -> str:
    data = {"action": action, "_selected_action": [product.pk for product in products]}
    return owner.post(reverse("admin:mall_product_changelist"), data, follow=True).content.decode()


def test_products_are_put_on_sale_and_taken_off(owner: Client) -> None:
    one, other = a_sku(name="茶").product, a_sku(name="糕").product
    bare = Product.objects.create(category=Category.objects.get(), name="没有规格")
    assert "已下架 2 件商品" in act(owner, "take_off_sale", one, other)
    assert list(Product.objects.order_by("pk").values_list("is_on_sale", flat=True)) == [False, False, False]
    page = act(owner, "put_on_sale", one, other, bare)
    assert "已上架 2 件商品；1 件没有变化（已是上架状态，或没有启用的规格）" in page
    assert list(Product.objects.order_by("pk").values_list("is_on_sale", flat=True)) == [True, True, False]


def test_viewing_products_gives_no_shelf_action(staff_with: ClientWith) -> None:
    product = a_sku().product
    act(staff_with("mall.view_product"), "take_off_sale", product)
    product.refresh_from_db()
    assert product.is_on_sale


def test_a_product_with_skus_is_not_deleted(owner: Client) -> None:
    product = a_sku().product
    assert owner.get(reverse("admin:mall_product_delete", args=[product.pk])).status_code == 403


def test_a_category_with_products_says_what_keeps_it(owner: Client) -> None:
    product = a_sku(name="明前龙井").product
    page = reverse("admin:mall_category_delete", args=[product.category_id])
    response = owner.post(page, {"post": "yes"})
    assert response.status_code == 200
    text = visible_text(response.content.decode())
    assert "将要求删除以下受保护的相关对象" in text
    assert "商品:\n明前龙井" in text
    assert Category.objects.filter(pk=product.category_id).exists()


# ── stock ──


def adjust(client: Client, sku: Sku, change: Any, key: str = "stock:1") -> Any:
    stock = Stock.objects.get(sku=sku)
    page = reverse("admin:mall_stock_adjust", args=[stock.pk])
    return client.post(page, {"change": change, "key": key, "_form_submitted": "on"})


def test_pieces_are_counted_in_once(owner: Client) -> None:
    sku = a_sku(stock=5)
    for _ in range(2):
        assert adjust(owner, sku, 20)["HX-Redirect"] == reverse("admin:mall_stock_changelist")
    assert shelf(sku) == (25, 0)
    adjust(owner, sku, -25, key="stock:2")
    assert shelf(sku) == (0, 0)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (0, "变动数量不能为 0"),
        (-6, "可售库存只有 5 件，不能减少 6 件"),
        (1_000_001, "确保该值小于或等于1000000。"),
        ("多", "输入整数。"),
    ],
)
def test_bad_counts_are_refused_at_the_field(owner: Client, change: Any, sentence: str) -> None:
    sku = a_sku(stock=5)
    response = adjust(owner, sku, change)
    assert sentence in str(response.context["form"].errors["change"])
    assert shelf(sku) == (5, 0)


def test_reserved_pieces_cannot_be_counted_out(owner: Client) -> None:
    sku = a_sku(stock=5)
    a_paid_order(a_buyer(), (sku, 2))
    assert "可售库存只有 3 件" in adjust(owner, sku, -4).content.decode()


def test_viewing_stock_is_not_changing_it(staff_with: ClientWith) -> None:
    sku = a_sku(stock=5)
    assert adjust(staff_with("mall.view_stock"), sku, 1).status_code == 403
    assert adjust(staff_with("mall.view_stock", "mall.change_stock"), sku, 1).status_code == 200
    assert shelf(sku) == (6, 0)


def test_stock_and_blocks_are_titled_by_what_they_are(owner: Client) -> None:
    stock = a_sku(name="龙井").stocks.get()
    page = owner.get(reverse("admin:mall_stock_change", args=[stock.pk])).content.decode()
    assert f"龙井 {stock.sku.label}（{stock.sku.code}） · 线上商城" in page
    block = PageBlock.objects.filter(kind="banner").first()
    assert block is not None
    page = owner.get(reverse("admin:mall_pageblock_change", args=[block.pk])).content.decode()
    assert f"{block.get_page_display()} · " in page
