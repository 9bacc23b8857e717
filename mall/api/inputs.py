"""What callers of the mall's endpoints may send."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from config.core.api_fields import FlagField, IdField, TextField, WholeField
from config.core.pagination import PageQuery
from mall.models import Order

_SKU = "请选择商品规格"


class ProductQuery(PageQuery):
    """Which part of the product list, in which order."""

    sort = serializers.ChoiceField(
        choices=[
            ("", "商家排序"),
            ("sales", "销量"),
            ("price", "价格从低到高"),
            ("-price", "价格从高到低"),
            ("new", "新品"),
        ],
        required=False,
        allow_blank=True,
        default="",
        error_messages={"invalid_choice": "排序方式无效"},
        help_text="排序；省略为商家排序",
    )


class OrderQuery(PageQuery):
    """Which part of which orders."""

    status = serializers.ChoiceField(
        choices=[
            ("", "全部"),
            ("created", "待付款"),
            ("paid", "待发货"),
            ("shipped", "待收货"),
            ("completed", "已完成"),
            ("cancelled", "已取消"),
            ("refunded", "退款"),
        ],
        required=False,
        allow_blank=True,
        default="",
        error_messages={"invalid_choice": "没有这种订单状态"},
        help_text="省略返回全部",
    )


@extend_schema_serializer(examples=[OpenApiExample("示例", {"quantity": 2}, request_only=True)])
class QuantityInput(serializers.Serializer[Any]):
    """A new quantity of a cart line."""

    quantity = WholeField(what="数量")


@extend_schema_serializer(examples=[OpenApiExample("示例", {"sku_id": 12, "quantity": 1}, request_only=True)])
class WantedInput(QuantityInput):
    """So many of one SKU."""

    sku_id = IdField(sentence=_SKU, help_text="规格 id")


class LinesField(serializers.ListField):
    """What is bought at once; left out, it is the cart's selection."""

    def __init__(self) -> None:
        super().__init__(
            child=WantedInput(),
            required=False,
            max_length=100,
            error_messages={
                "not_a_list": "lines 要写成列表",
                "null": "lines 要写成列表",
                "max_length": "一次最多购买 100 种商品",
            },
            help_text="省略表示购物车里选中的商品",
        )


@extend_schema_serializer(
    examples=[OpenApiExample("示例", {"is_selected": True, "line_ids": [3, 5]}, request_only=True)]
)
class SelectionInput(serializers.Serializer[Any]):
    """Which cart lines go to checkout."""

    is_selected = FlagField(what="是否选中")
    line_ids = serializers.ListField(
        child=IdField(sentence="购物车行无效"),
        required=False,
        max_length=100,
        error_messages={"not_a_list": "line_ids 要写成列表", "max_length": "一次最多选择 100 行"},
        help_text="省略表示全部",
    )


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "示例", {"kind": "sale", "lines": [{"sku_id": 12, "quantity": 1}], "points": 500}, request_only=True
        )
    ]
)
class QuoteInput(serializers.Serializer[Any]):
    """What shall be priced."""

    kind = serializers.ChoiceField(
        choices=Order.Kind.choices,
        required=False,
        default=Order.Kind.SALE.value,
        error_messages={"invalid_choice": "只有 sale 和 redemption 两种"},
    )
    lines = LinesField()
    points = WholeField(
        what="积分", required=False, default=0, min_value=0, help_text="想用多少积分抵扣；超出时按上限计算"
    )


class SubmissionInput(serializers.Serializer[Any]):
    """What every order says: where to, and the amount that its member agreed to."""

    address_id = IdField(sentence="请选择收货地址", help_text="收货地址 id")
    expected_payable_cents = WholeField(what="应付金额", help_text="试算得到的应付金额（分）；与下单时不一致会被拒绝")
    buyer_note = TextField(what="留言", most=100, required=False, default="", allow_blank=True)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "示例",
            {
                "lines": [{"sku_id": 12, "quantity": 1}],
                "points": 500,
                "address_id": 7,
                "expected_payable_cents": 19400,
                "buyer_note": "轻拿轻放",
            },
            request_only=True,
        )
    ]
)
class OrderInput(SubmissionInput):
    """An order for cash."""

    lines = LinesField()
    points = WholeField(what="积分", required=False, default=0, help_text="用多少积分抵扣")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "示例",
            {"sku_id": 12, "quantity": 1, "address_id": 7, "expected_points": 800, "expected_payable_cents": 0},
            request_only=True,
        )
    ]
)
class RedemptionInput(SubmissionInput, WantedInput):
    """An order for points."""

    expected_points = WholeField(what="所需积分", help_text="试算得到的积分")


@extend_schema_serializer(examples=[OpenApiExample("示例", {"provider": "sandbox"}, request_only=True)])
class PaymentInput(serializers.Serializer[Any]):
    """How it shall be paid."""

    provider = TextField(what="支付方式", most=40, help_text="支付方式代码，见收银台")
