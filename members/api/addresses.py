"""The caller's delivery addresses, and the regions that they are made of."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.core.conditional import ConditionalReads
from config.core.db import edge_transaction
from config.core.errors import InvalidInput, NotFound
from config.core.openapi import answers
from config.outbox.idempotency import REFUSALS, idempotent
from members.api.auth import member_id_of
from members.api.inputs import AddressInput, RegionQuery
from members.api.outputs import AddressOutput, RegionOutput
from members.rules import regions
from members.rules.addresses import AddressForm
from members.selectors import addresses
from members.services import addresses as services


class AddressesView(APIView):
    """The address book."""

    @extend_schema(
        summary="收货地址列表",
        description="默认地址在前，其余按添加时间从新到旧。数量有上限，不分页。",
        tags=["收货地址"],
        responses=answers(AddressOutput(many=True)),
    )
    def get(self, request: Request) -> Response:
        """List the caller's addresses."""
        return Response(AddressOutput(addresses.addresses(member_id=member_id_of(request)), many=True).data)

    @extend_schema(
        summary="新增收货地址",
        description="第一个地址自动成为默认地址；内容完全相同的地址只保存一次。",
        tags=["收货地址"],
        request=AddressInput,
        responses=answers(AddressOutput, InvalidInput, services.TooManyAddresses, *REFUSALS, status=201),
    )
    @idempotent()
    def post(self, request: Request) -> Response:
        """Add an address."""
        return Response(_saved(request), status=201)


class AddressView(APIView):
    """One address."""

    @extend_schema(
        summary="收货地址详情",
        description="自己的一个地址。",
        tags=["收货地址"],
        responses=answers(AddressOutput, NotFound),
    )
    def get(self, request: Request, address_id: int) -> Response:
        """Show one address of the caller."""
        found = addresses.address(member_id=member_id_of(request), address_id=address_id)
        return Response(AddressOutput(found).data)

    @extend_schema(
        summary="修改收货地址",
        description="整条替换。",
        tags=["收货地址"],
        request=AddressInput,
        responses=answers(AddressOutput, InvalidInput, NotFound),
    )
    def put(self, request: Request, address_id: int) -> Response:
        """Replace one address."""
        with edge_transaction():
            return Response(_saved(request, address_id))

    @extend_schema(
        summary="删除收货地址",
        description="删除默认地址后，最新的一个成为默认地址。",
        tags=["收货地址"],
        responses=answers(None, NotFound, status=204),
    )
    def delete(self, request: Request, address_id: int) -> Response:
        """Delete one address."""
        with edge_transaction():
            services.delete_address(member_id=member_id_of(request), address_id=address_id)
        return Response(status=204)


class DefaultAddressView(APIView):
    """The default address."""

    @extend_schema(
        summary="设为默认地址",
        description="原来的默认地址变为普通地址。",
        tags=["收货地址"],
        request=None,
        responses=answers(None, NotFound, *REFUSALS, status=204),
    )
    @idempotent()
    def post(self, request: Request, address_id: int) -> Response:
        """Make this the default one."""
        services.make_default(member_id=member_id_of(request), address_id=address_id)
        return Response(status=204)


class RegionsView(ConditionalReads):
    """Provinces, cities, districts."""

    visitors_keep_seconds = 24 * 60 * 60
    permission_classes = (AllowAny,)

    @extend_schema(
        summary="行政区划",
        description="不带 parent 返回省份；带省代码返回市，带市代码返回区县。",
        tags=["收货地址"],
        auth=[],
        parameters=[RegionQuery],
        responses=answers(RegionOutput(many=True), InvalidInput, is_public=True),
    )
    def get(self, request: Request) -> Response:
        """List the parts of a region."""
        query = RegionQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        parent = query.validated_data["parent"]
        found = (regions.cities(province=parent) or regions.districts(city=parent)) if parent else regions.provinces()
        return Response(RegionOutput(found, many=True).data)


def _saved(request: Request, address_id: int | None = None) -> Any:
    """The address after it was saved, in the caller's transaction."""
    sent = AddressInput(data=request.data)
    sent.is_valid(raise_exception=True)
    member_id, form = member_id_of(request), AddressForm(**sent.validated_data)
    saved = services.save_address(member_id=member_id, form=form, address_id=address_id, at=timezone.now())
    return AddressOutput(addresses.address(member_id=member_id, address_id=saved)).data
