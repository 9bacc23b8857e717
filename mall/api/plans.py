"""Buying a membership plan by the API, and giving it back by its rule."""

from hashlib import sha256
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.core.api_fields import FlagField, TextField
from config.core.db import edge_transaction
from config.core.errors import InvalidInput, NotFound
from config.core.openapi import answers
from config.outbox.idempotency import REFUSALS, IdempotencyKeyMissing, idempotent
from mall.api.order_outputs import PlacedOutput
from mall.selectors.orders import order_id_of
from mall.services import checkout as placing
from mall.services import plan_orders, plan_refunds
from mall.services.submits import SubmitKeyReused
from members.api.auth import member_id_of
from members.api.channel import CHANNEL
from members.api.throttles import PLACING
from members.services.subscriptions import AlreadyForLife, FeeNotRefundable, NoUpgrade


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "示例",
            {"expected_payable_cents": 9900, "is_upgrade": False, "refund_terms": "minus_savings:7"},
            request_only=True,
        )
    ]
)
class PlanOrderInput(serializers.Serializer[Any]):
    """Which price and which refund rule were shown, and whether the plan takes the place of the time that is left."""

    expected_payable_cents = serializers.IntegerField(min_value=0, max_value=2**31, help_text="页面上显示的应付（分）")
    is_upgrade = FlagField(what="是否升级", default=False, help_text="升级：剩余时间按天折价抵扣，新套餐即刻生效")
    refund_terms = TextField(
        what="退会费规则",
        most=40,
        required=False,
        source="agreed_terms",
        help_text="会员看到的退会费规则：套餐的 refund_terms 原样传回，已有变化时拒绝；不传则按下单时的规则",
    )


class FeeRefundOutput(serializers.Serializer[Any]):
    """What giving a plan back brings."""

    cash_cents = serializers.IntegerField(help_text="退回会费（分）")


class FeePreviewOutput(FeeRefundOutput):
    """The same before it is confirmed, with what else will happen."""

    closing_orders = serializers.ListField(
        child=serializers.CharField(), source="closing", help_text="将一并关闭的待付款订单号：它们享该套餐的权益"
    )


@extend_schema_serializer(examples=[OpenApiExample("示例", {"expected_cash_cents": 9900}, request_only=True)])
class FeeRefundInput(serializers.Serializer[Any]):
    """What the member was shown."""

    expected_cash_cents = serializers.IntegerField(min_value=0, max_value=2**31, help_text="试算得到的退回会费（分）")


class PlanOrdersView(APIView):
    """Orders for a plan."""

    throttle_classes = PLACING

    @extend_schema(
        summary="购买会员套餐",
        description="不需要地址，不占库存；付款成功时会员权益即刻生效，续费接在剩余时间之后。价格有变时拒绝（price_changed），"
        "传了 refund_terms 而退会费规则有变时也拒绝（plan_terms_changed）。",
        tags=["会员"],
        request=PlanOrderInput,
        responses=answers(
            PlacedOutput,
            InvalidInput,
            NotFound,
            AlreadyForLife,
            NoUpgrade,
            IdempotencyKeyMissing,
            placing.PriceChanged,
            plan_orders.PlanTermsChanged,
            placing.MemberNotActive,
            SubmitKeyReused,
            *REFUSALS,
            status=201,
        ),
    )
    @idempotent(required=True)
    def post(self, request: Request, plan_id: int) -> Response:
        """Place an order for the plan."""
        sent = PlanOrderInput(data=request.data)
        sent.is_valid(raise_exception=True)
        placed = plan_orders.place_plan_order(
            member_id=member_id_of(request),
            plan_id=plan_id,
            channel=CHANNEL,
            submit_key=f"api-{sha256(request.headers['Idempotency-Key'].encode()).hexdigest()}",
            at=timezone.now(),
            **sent.validated_data,
        )
        return Response(PlacedOutput(placed).data, status=201)


class FeeRefundView(APIView):
    """Giving a plan back."""

    @extend_schema(
        summary="试算退会费",
        description="按购买时约定的规则，此刻可退回的会费，以及将一并关闭的待付款订单。",
        tags=["会员"],
        responses=answers(FeePreviewOutput, NotFound, FeeNotRefundable),
    )
    def get(self, request: Request, number: str) -> Response:
        """Preview what comes back."""
        member_id, at = member_id_of(request), timezone.now()
        with edge_transaction():
            order_id = order_id_of(member_id=member_id, number=number)
            preview = plan_refunds.preview_own_fee(order_id=order_id, member_id=member_id, at=at)
        return Response(FeePreviewOutput(preview).data)

    @extend_schema(
        summary="退会费",
        description="会员权益立即终止，会费原路退回，享该套餐权益的待付款订单一并关闭；之后购买的会员时间自动提前。",
        tags=["会员"],
        request=FeeRefundInput,
        responses=answers(FeeRefundOutput, InvalidInput, NotFound, FeeNotRefundable, placing.PriceChanged, *REFUSALS),
    )
    @idempotent()
    def post(self, request: Request, number: str) -> Response:
        """Give the plan back for what was previewed."""
        sent = FeeRefundInput(data=request.data)
        sent.is_valid(raise_exception=True)
        member_id = member_id_of(request)
        done = plan_refunds.refund_own_fee(
            order_id=order_id_of(member_id=member_id, number=number),
            member_id=member_id,
            expected_cents=sent.validated_data["expected_cash_cents"],
            at=timezone.now(),
        )
        return Response(FeeRefundOutput(done).data)
