"""Pricing and placing orders."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, ClassVar, Final

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.core.errors import DomainError, InvalidInput
from config.core.openapi import answers
from config.outbox.idempotency import REFUSALS, IdempotencyKeyMissing, idempotent
from mall.api.inputs import OrderInput, OrderQuery, QuoteInput, RedemptionInput
from mall.api.order_outputs import OrderPage, PlacedOutput
from mall.api.outputs import QuoteOutput
from mall.selectors.admission import ExclusiveProduct, NotOnSaleYet
from mall.selectors.baskets import CART, CartEmpty, Lines, OutOfStock, QuantityOutOfRange, SkuGone, Wanted
from mall.selectors.checkout import checkout
from mall.selectors.orders import order_list
from mall.services import checkout as services
from mall.services.submits import SubmitKeyReused
from members.api.auth import member_id_of
from members.api.channel import CHANNEL
from members.api.throttles import PLACING

_BASKET: Final[tuple[type[DomainError], ...]] = (
    InvalidInput,
    QuantityOutOfRange,
    CartEmpty,
    SkuGone,
    ExclusiveProduct,
    NotOnSaleYet,
    OutOfStock,
)
_PLACING: Final[tuple[type[DomainError], ...]] = (
    *_BASKET,
    IdempotencyKeyMissing,
    services.AddressMissing,
    services.PriceChanged,
    services.MemberNotActive,
    SubmitKeyReused,
    *REFUSALS,
)


class CheckoutView(APIView):
    """A quote."""

    @extend_schema(
        summary="试算",
        description="返回此刻下单会得到的金额；不保留库存，也不冻结积分。",
        tags=["结算"],
        request=QuoteInput,
        responses=answers(QuoteOutput, *_BASKET),
    )
    def post(self, request: Request) -> Response:
        """Price the cart's selection or these lines."""
        sent = QuoteInput(data=request.data)
        sent.is_valid(raise_exception=True)
        asked = sent.validated_data
        view = checkout(
            member_id=member_id_of(request),
            lines=_lines(asked),
            kind=asked["kind"],
            points=asked["points"],
            channel=CHANNEL,
            at=timezone.now(),
        )
        return Response(QuoteOutput(view).data)


class OrdersView(APIView):
    """Orders of the caller."""

    throttle_classes = PLACING
    field_names: ClassVar[dict[str, str]] = {"address": "address_id"}

    @extend_schema(
        summary="订单列表",
        description="从新到旧，可按状态筛选，游标翻页。",
        tags=["订单"],
        parameters=[OrderQuery],
        responses=answers(OrderPage, InvalidInput),
    )
    def get(self, request: Request) -> Response:
        """List orders."""
        query = OrderQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        return Response(OrderPage(order_list(member_id=member_id_of(request), **query.validated_data)).data)

    @extend_schema(
        summary="下单",
        description="商品预占、积分冻结，直到付款、取消或超时。价格与试算不同时拒绝（price_changed），请重新试算。",
        tags=["订单"],
        request=OrderInput,
        responses=answers(PlacedOutput, *_PLACING, services.PointsNotUsable, status=201),
    )
    @idempotent(required=True)
    def post(self, request: Request) -> Response:
        """Place an order for the cart's selection or these lines."""
        sent = OrderInput(data=request.data)
        sent.is_valid(raise_exception=True)
        asked = sent.validated_data
        placed = services.place_order(
            member_id=member_id_of(request),
            lines=_lines(asked),
            address_id=asked["address_id"],
            points=asked["points"],
            channel=CHANNEL,
            submit_key=_submit_key(request),
            expected_payable_cents=asked["expected_payable_cents"],
            buyer_note=asked["buyer_note"],
            at=timezone.now(),
        )
        return Response(PlacedOutput(placed).data, status=201)


class RedemptionsView(APIView):
    """Redemptions."""

    throttle_classes = PLACING
    field_names: ClassVar[dict[str, str]] = {"address": "address_id", "points": "expected_points"}

    @extend_schema(
        summary="积分兑换",
        description="用积分（和另付的现金）兑换一种商品；无需付现金的立即完成支付。",
        tags=["积分商城"],
        request=RedemptionInput,
        responses=answers(PlacedOutput, *_PLACING, services.NotEnoughPoints, status=201),
    )
    @idempotent(required=True)
    def post(self, request: Request) -> Response:
        """Redeem one SKU."""
        sent = RedemptionInput(data=request.data)
        sent.is_valid(raise_exception=True)
        placed = services.place_redemption(
            member_id=member_id_of(request),
            channel=CHANNEL,
            submit_key=_submit_key(request),
            at=timezone.now(),
            **sent.validated_data,
        )
        return Response(PlacedOutput(placed).data, status=201)


def _lines(asked: Mapping[str, Any]) -> Lines:
    lines = asked.get("lines")
    return CART if lines is None else [Wanted(**line) for line in lines]


def _submit_key(request: Request) -> str:
    """The order's key follows from the call's: a repeat finds the order even when the stored answer has gone."""
    return f"api-{sha256(request.headers['Idempotency-Key'].encode()).hexdigest()}"
