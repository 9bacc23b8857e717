"""What the catalogue, the cart and the checkout return. Amounts are cents."""

from typing import Any

from rest_framework import serializers

from config.core.pagination import Page


class CategoryOutput(serializers.Serializer[Any]):
    """A category."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    slug = serializers.CharField(help_text="分类代码")
    art = serializers.CharField(help_text="图标名")


class AccessOutput(serializers.Serializer[Any]):
    """Who may buy a product, and from when."""

    for_whom = serializers.CharField(allow_blank=True, help_text="仅限谁购买；空表示所有人")
    is_for_viewer = serializers.BooleanField(help_text="调用者是否在其中")
    by_tier = serializers.BooleanField(help_text="更高的等级可以购买")
    by_plan = serializers.BooleanField(help_text="开通会员套餐可以购买")
    on_sale_from = serializers.DateTimeField(allow_null=True, help_text="公开开售时间；已开售为 null")
    opens_at = serializers.DateTimeField(allow_null=True, help_text="调用者可购买的时间（含提前购）；已可购买为 null")
    is_open = serializers.BooleanField(help_text="调用者此刻可以购买")


class ProductOutput(serializers.Serializer[Any]):
    """A product in a list."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    subtitle = serializers.CharField(allow_blank=True)
    image = serializers.CharField(allow_blank=True, help_text="图片地址；没有为空")
    sku_id = serializers.IntegerField(help_text="价格所属的规格")
    price_cents = serializers.IntegerField(help_text="该会员的价格（分）")
    list_price_cents = serializers.IntegerField(allow_null=True, help_text="划线价（分）；没有为 null")
    member_price_cents = serializers.IntegerField(
        allow_null=True, help_text="会员价（分）；没有或不比调用者的价格低为 null"
    )
    is_member_price = serializers.BooleanField(help_text="price_cents 就是会员价")
    sku_count = serializers.IntegerField()
    sold_count = serializers.IntegerField()
    is_sold_out = serializers.BooleanField()
    access = AccessOutput()


class ProductPage(Page):
    """A part of the product list."""

    items = ProductOutput(many=True, source="products")


class SkuOutput(serializers.Serializer[Any]):
    """A SKU to choose."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    label = serializers.CharField(help_text="规格名称")  # type: ignore[assignment]  # a field of that name
    price_cents = serializers.IntegerField()
    list_price_cents = serializers.IntegerField(allow_null=True)
    member_price_cents = serializers.IntegerField(
        allow_null=True, help_text="会员价（分）；没有或不比调用者的价格低为 null"
    )
    is_member_price = serializers.BooleanField(help_text="price_cents 就是会员价")
    available = serializers.IntegerField(help_text="可售库存")
    is_sold_out = serializers.BooleanField()


class ProductDetailOutput(serializers.Serializer[Any]):
    """One product."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    subtitle = serializers.CharField(allow_blank=True)
    description = serializers.CharField(allow_blank=True)
    images = serializers.ListField(child=serializers.CharField())
    category_name = serializers.CharField()
    category_slug = serializers.CharField()
    sold_count = serializers.IntegerField()
    is_redeemable = serializers.BooleanField()
    is_sold_out = serializers.BooleanField()
    skus = SkuOutput(many=True)
    earn_points = serializers.IntegerField(help_text="买一件首个规格预计可得的积分")
    access = AccessOutput()


class RewardOutput(serializers.Serializer[Any]):
    """A product in the points mall."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    subtitle = serializers.CharField(allow_blank=True)
    image = serializers.CharField(allow_blank=True)
    sku_id = serializers.IntegerField()
    points = serializers.IntegerField(help_text="现在所需的积分")
    base_points = serializers.IntegerField(help_text="活动前的积分")
    cash_cents = serializers.IntegerField(help_text="另付现金（分）")
    worth_cents = serializers.IntegerField(help_text="价值（分）")
    is_sold_out = serializers.BooleanField()
    access = AccessOutput()


class RewardPage(Page):
    """A part of the points mall."""

    items = RewardOutput(many=True, source="rewards")
    balance = serializers.IntegerField(allow_null=True, help_text="可用积分；未登录为 null")


class RewardSkuOutput(serializers.Serializer[Any]):
    """A SKU to redeem."""

    id = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of that name
    points = serializers.IntegerField()
    base_points = serializers.IntegerField()
    cash_cents = serializers.IntegerField()
    worth_cents = serializers.IntegerField()
    available = serializers.IntegerField()


class RewardDetailOutput(serializers.Serializer[Any]):
    """One product of the points mall."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    subtitle = serializers.CharField(allow_blank=True)
    description = serializers.CharField(allow_blank=True)
    images = serializers.ListField(child=serializers.CharField())
    skus = RewardSkuOutput(many=True)
    balance = serializers.IntegerField(allow_null=True, help_text="可用积分；未登录为 null")
    access = AccessOutput()


class StepOutput(serializers.Serializer[Any]):
    """One line of the arithmetic."""

    label = serializers.CharField()  # type: ignore[assignment]  # a field of that name
    cents = serializers.IntegerField()
    points = serializers.IntegerField()


class PointsOfferOutput(serializers.Serializer[Any]):
    """How many points may pay."""

    available = serializers.IntegerField(help_text="可用积分")
    maximum = serializers.IntegerField(help_text="本单最多可用")
    step = serializers.IntegerField(help_text="须为它的整数倍")
    value_cents_at_maximum = serializers.IntegerField()
    per_yuan = serializers.IntegerField(help_text="多少积分抵 1 元")
    reason = serializers.CharField(allow_blank=True, help_text="不可用时的原因")


class PricedOutput(serializers.Serializer[Any]):
    """A basket with its arithmetic."""

    kind = serializers.CharField(help_text="sale 或 redemption")
    steps = StepOutput(many=True, help_text="各项金额之和为应付")
    goods_cents = serializers.IntegerField()
    discount_cents = serializers.IntegerField()
    points_discount_cents = serializers.IntegerField()
    points_spent = serializers.IntegerField()
    freight_cents = serializers.IntegerField()
    payable_cents = serializers.IntegerField(help_text="应付（分）")
    points_offer = PointsOfferOutput()
    points_short = serializers.IntegerField(help_text="兑换还差的积分")
    free_freight_missing_cents = serializers.IntegerField(help_text="再买多少可包邮（分）")
    earn_points = serializers.IntegerField(help_text="预计可得积分")
    earn_growth = serializers.IntegerField(help_text="预计可得成长值")
    nearly = serializers.ListField(child=serializers.CharField(), help_text="差一点就能享受的优惠")


class CheckoutRowOutput(serializers.Serializer[Any]):
    """One line of a quote."""

    sku_id = serializers.IntegerField()
    product_id = serializers.IntegerField()
    name = serializers.CharField()
    sku_label = serializers.CharField()
    image = serializers.CharField(allow_blank=True)
    quantity = serializers.IntegerField()
    price_cents = serializers.IntegerField(help_text="单价（分）；兑换时为每件另付的现金")
    ordinary_price_cents = serializers.IntegerField(help_text="商城原价（分）")
    is_member_price = serializers.BooleanField(help_text="price_cents 就是会员价")
    points = serializers.IntegerField(help_text="兑换时每件的积分")


class QuoteOutput(serializers.Serializer[Any]):
    """What placing the order now would book."""

    rows = CheckoutRowOutput(many=True)
    priced = PricedOutput()


class CartRowOutput(serializers.Serializer[Any]):
    """One line of the cart."""

    line_id = serializers.IntegerField()
    sku_id = serializers.IntegerField()
    product_id = serializers.IntegerField()
    name = serializers.CharField()
    sku_label = serializers.CharField()
    image = serializers.CharField(allow_blank=True)
    quantity = serializers.IntegerField()
    is_selected = serializers.BooleanField()
    price_cents = serializers.IntegerField()
    seen_price_cents = serializers.IntegerField(help_text="加入时的价格（分）")
    ordinary_price_cents = serializers.IntegerField(help_text="商城原价（分）")
    is_member_price = serializers.BooleanField(help_text="price_cents 就是会员价")
    available = serializers.IntegerField()
    is_gone = serializers.BooleanField(help_text="已下架")
    problem = serializers.CharField(allow_blank=True, help_text="不能购买的原因")
    access = AccessOutput()


class CartOutput(serializers.Serializer[Any]):
    """The cart. It holds 100 lines at most."""

    rows = CartRowOutput(many=True)
    priced = PricedOutput(allow_null=True, help_text="选中商品的试算；没有选中为 null")
    selected_quantity = serializers.IntegerField()
    all_selected = serializers.BooleanField()
