"""The shelves and the points mall. Visitors see the shop's prices, members their own."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from config.core.conditional import ConditionalReads
from config.core.errors import InvalidInput, NotFound
from config.core.openapi import answers
from config.core.pagination import PageQuery
from mall.api.filters import ProductFilters
from mall.api.inputs import ProductQuery
from mall.api.outputs import CategoryOutput, ProductDetailOutput, ProductPage, RewardDetailOutput, RewardPage
from mall.models import Product
from mall.selectors import catalogue, rewards
from mall.selectors.products import product_detail
from members.api.auth import viewer_id_of
from members.api.channel import CHANNEL


class CategoriesView(ConditionalReads):
    """Categories."""

    permission_classes = (AllowAny,)

    @extend_schema(
        summary="商品分类",
        description="按商家设定的顺序。",
        tags=["商品"],
        responses=answers(CategoryOutput(many=True), is_public=True),
    )
    def get(self, request: Request) -> Response:
        """List the visible categories."""
        return Response(CategoryOutput(catalogue.categories(), many=True).data)


class ProductsView(ConditionalReads, GenericAPIView[Product]):
    """Products on sale."""

    permission_classes = (AllowAny,)
    filterset_class = ProductFilters

    def get_queryset(self) -> QuerySet[Product]:
        return catalogue.on_sale()

    @extend_schema(
        summary="商品列表",
        description="可按分类、名称里的词、能否兑换筛选；游标翻页。带令牌时返回会员价。",
        tags=["商品"],
        filters=True,
        parameters=[ProductQuery],
        responses=answers(ProductPage, InvalidInput, is_public=True),
    )
    def get(self, request: Request) -> Response:
        """List products."""
        query = ProductQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        products = self.filter_queryset(self.get_queryset())
        asked: dict[str, Any] = query.validated_data
        page = catalogue.page_of(products=products, member_id=viewer_id_of(request), at=timezone.now(), **asked)
        return Response(ProductPage(page).data)


class ProductView(ConditionalReads):
    """One product."""

    permission_classes = (AllowAny,)

    @extend_schema(
        summary="商品详情",
        description="规格、图片、库存与预计可得积分。",
        tags=["商品"],
        responses=answers(ProductDetailOutput, NotFound, is_public=True),
    )
    def get(self, request: Request, product_id: int) -> Response:
        """Show one product."""
        member_id = viewer_id_of(request)
        found = product_detail(product_id=product_id, channel=CHANNEL, at=timezone.now(), member_id=member_id)
        return Response(ProductDetailOutput(found).data)


class RewardsView(ConditionalReads):
    """The points mall."""

    permission_classes = (AllowAny,)

    @extend_schema(
        summary="积分商城列表",
        description="此刻所需的积分（含会员日折扣）；游标翻页。",
        tags=["积分商城"],
        parameters=[PageQuery],
        responses=answers(RewardPage, InvalidInput, is_public=True),
    )
    def get(self, request: Request) -> Response:
        """List what points can redeem."""
        query = PageQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        member_id, asked = viewer_id_of(request), query.validated_data
        page = rewards.rewards(channel=CHANNEL, at=timezone.now(), member_id=member_id, **asked)
        return Response(RewardPage(page).data)


class RewardView(ConditionalReads):
    """One product of the points mall."""

    permission_classes = (AllowAny,)

    @extend_schema(
        summary="积分商品详情",
        description="各规格此刻所需的积分与另付的现金。",
        tags=["积分商城"],
        responses=answers(RewardDetailOutput, NotFound, is_public=True),
    )
    def get(self, request: Request, product_id: int) -> Response:
        """Show one product of the points mall."""
        member_id = viewer_id_of(request)
        found = rewards.reward_detail(product_id=product_id, channel=CHANNEL, at=timezone.now(), member_id=member_id)
        return Response(RewardDetailOutput(found).data)
