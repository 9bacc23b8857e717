"""The caller's orders after they were placed, and paying them."""

from django.conf import settings
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.core.errors import InvalidInput, NotFound
from config.core.openapi import answers
from config.outbox.idempotency import REFUSALS, IdempotencyKeyMissing, idempotent
from mall.api.inputs import PaymentInput
from mall.api.order_outputs import (
    CashierOutput,
    OrderCountsOutput,
    OrderDetailOutput,
    OutcomeOutput,
    PaymentOutput,
)
from mall.payment_providers import ProviderUnavailable
from mall.selectors.orders import order_counts, order_detail, order_id_of
from mall.selectors.payments import cashier
from mall.services import orders, payments, sandbox_cashier
from members.api.auth import member_id_of


class OrderCountsView(APIView):
    """How many orders wait for what."""

    @extend_schema(
        summary="各状态订单数", description="用于角标。", tags=["订单"], responses=answers(OrderCountsOutput)
    )
    def get(self, request: Request) -> Response:
        """Count orders."""
        return Response(OrderCountsOutput(order_counts(member_id=member_id_of(request))).data)


class OrderView(APIView):
    """One order."""

    @extend_schema(
        summary="订单详情",
        description="金额明细、物流、退款与预计可得积分。",
        tags=["订单"],
        responses=answers(OrderDetailOutput, NotFound),
    )
    def get(self, request: Request, number: str) -> Response:
        """Show one order."""
        return Response(OrderDetailOutput(order_detail(member_id=member_id_of(request), number=number)).data)


class OrderCancelView(APIView):
    """Giving up an unpaid order."""

    @extend_schema(
        summary="取消订单",
        description="只能取消待付款的订单；库存、积分与优惠退回。",
        tags=["订单"],
        request=None,
        responses=answers(OrderDetailOutput, NotFound, orders.OrderStateConflict, *REFUSALS),
    )
    @idempotent()
    def post(self, request: Request, number: str) -> Response:
        """Cancel one order."""
        member_id = member_id_of(request)
        order_id = order_id_of(member_id=member_id, number=number)
        orders.cancel(order_id=order_id, member_id=member_id, at=timezone.now())
        return Response(OrderDetailOutput(order_detail(member_id=member_id, number=number)).data)


class OrderReceiptView(APIView):
    """The goods arrived."""

    @extend_schema(
        summary="确认收货",
        description="订单完成后发放积分与成长值。",
        tags=["订单"],
        request=None,
        responses=answers(OrderDetailOutput, NotFound, orders.OrderStateConflict, *REFUSALS),
    )
    @idempotent()
    def post(self, request: Request, number: str) -> Response:
        """Confirm that the goods arrived."""
        member_id = member_id_of(request)
        order_id = order_id_of(member_id=member_id, number=number)
        orders.confirm_receipt(order_id=order_id, member_id=member_id, at=timezone.now())
        return Response(OrderDetailOutput(order_detail(member_id=member_id, number=number)).data)


class CashierView(APIView):
    """The cashier."""

    @extend_schema(
        summary="收银台",
        description="应付金额、付款截止与可用的支付方式。",
        tags=["支付"],
        responses=answers(CashierOutput, NotFound),
    )
    def get(self, request: Request, number: str) -> Response:
        """Show what is owed."""
        return Response(CashierOutput(cashier(member_id=member_id_of(request), number=number, at=timezone.now())).data)


class PaymentsView(APIView):
    """Attempts to pay an order."""

    @extend_schema(
        summary="发起支付",
        description="同一支付方式未完成的支付单会再次返回。",
        tags=["支付"],
        request=PaymentInput,
        responses=answers(
            PaymentOutput,
            InvalidInput,
            NotFound,
            ProviderUnavailable,
            orders.OrderStateConflict,
            payments.OrderExpired,
            payments.OrderOutdated,
            IdempotencyKeyMissing,
            *REFUSALS,
            status=201,
        ),
    )
    @idempotent(required=True)
    def post(self, request: Request, number: str) -> Response:
        """Start a payment."""
        sent = PaymentInput(data=request.data)
        sent.is_valid(raise_exception=True)
        member_id = member_id_of(request)
        started = payments.start_payment(
            order_id=order_id_of(member_id=member_id, number=number),
            member_id=member_id,
            provider=sent.validated_data["provider"],
            at=timezone.now(),
        )
        return Response(PaymentOutput(started).data, status=201)


class SandboxPaymentView(APIView):
    """The sandbox cashier, where the shop allows it."""

    @extend_schema(
        summary="沙箱支付",
        description="仅在开启沙箱收银台时可用：代替支付渠道报告付款成功。重复调用返回 already_recorded。",
        tags=["支付"],
        request=None,
        responses=answers(OutcomeOutput, NotFound, payments.UnknownPayment, *REFUSALS),
    )
    @idempotent()
    def post(self, request: Request, out_trade_no: str) -> Response:
        """Report that the attempt was paid."""
        if not settings.SANDBOX_CASHIER:
            raise NotFound
        outcome = sandbox_cashier.collect(out_trade_no=out_trade_no, member_id=member_id_of(request), at=timezone.now())
        return Response(OutcomeOutput({"outcome": outcome.value}).data)
