"""The caller's cart. Every change answers with the cart as it is then."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.core.db import edge_transaction
from config.core.errors import InvalidInput, NotFound
from config.core.openapi import answers
from config.outbox.idempotency import REFUSALS, idempotent
from mall.api.inputs import QuantityInput, SelectionInput, WantedInput
from mall.api.outputs import CartOutput
from mall.selectors.admission import ExclusiveProduct, NotOnSaleYet
from mall.selectors.baskets import OutOfStock, QuantityOutOfRange, SkuGone
from mall.selectors.carts import cart
from mall.services import carts
from members.api.auth import member_id_of
from members.api.channel import CHANNEL

_SHELF = (SkuGone, ExclusiveProduct, NotOnSaleYet)


class CartView(APIView):
    """The cart."""

    @extend_schema(
        summary="购物车",
        description="全部商品行与选中商品的试算。最多 100 行，不分页。",
        tags=["购物车"],
        responses=answers(CartOutput),
    )
    def get(self, request: Request) -> Response:
        """Show the cart."""
        return Response(_cart(request))


class CartLinesView(APIView):
    """Adding to the cart."""

    @extend_schema(
        summary="加入购物车",
        description="同一规格再次加入会累加数量。",
        tags=["购物车"],
        request=WantedInput,
        responses=answers(
            CartOutput, InvalidInput, QuantityOutOfRange, OutOfStock, *_SHELF, carts.CartFull, *REFUSALS, status=201
        ),
    )
    @idempotent()
    def post(self, request: Request) -> Response:
        """Add units of a SKU."""
        sent = WantedInput(data=request.data)
        sent.is_valid(raise_exception=True)
        carts.add_to_cart(member_id=member_id_of(request), at=timezone.now(), **sent.validated_data)
        return Response(_cart(request), status=201)


class CartLineView(APIView):
    """One line of the cart."""

    @extend_schema(
        summary="修改数量",
        description="把该行的数量设为提交的数量。",
        tags=["购物车"],
        request=QuantityInput,
        responses=answers(CartOutput, InvalidInput, QuantityOutOfRange, OutOfStock, *_SHELF, NotFound),
    )
    def patch(self, request: Request, line_id: int) -> Response:
        """Set the quantity of a line."""
        sent = QuantityInput(data=request.data)
        sent.is_valid(raise_exception=True)
        quantity = sent.validated_data["quantity"]
        with edge_transaction():
            carts.set_quantity(member_id=member_id_of(request), line_id=line_id, quantity=quantity, at=timezone.now())
        return Response(_cart(request))

    @extend_schema(
        summary="移出购物车",
        description="已经不在购物车里的行同样返回成功。",
        tags=["购物车"],
        responses=answers(CartOutput),
    )
    def delete(self, request: Request, line_id: int) -> Response:
        """Take a line out."""
        with edge_transaction():
            carts.remove_lines(member_id=member_id_of(request), line_ids=[line_id])
        return Response(_cart(request))


class CartSelectionView(APIView):
    """Which lines go to checkout."""

    @extend_schema(
        summary="选中或取消选中",
        description="指定若干行，或省略 line_ids 表示全部。",
        tags=["购物车"],
        request=SelectionInput,
        responses=answers(CartOutput, InvalidInput, NotFound, *REFUSALS),
    )
    @idempotent()
    def post(self, request: Request) -> Response:
        """Select lines, or leave them out."""
        sent = SelectionInput(data=request.data)
        sent.is_valid(raise_exception=True)
        carts.set_selected(member_id=member_id_of(request), **sent.validated_data)
        return Response(_cart(request))


def _cart(request: Request) -> Any:
    return CartOutput(cart(member_id=member_id_of(request), channel=CHANNEL, at=timezone.now())).data
