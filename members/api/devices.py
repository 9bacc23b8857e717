"""Where the caller is signed in."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.core.db import edge_transaction
from config.core.errors import NotFound
from config.core.openapi import answers
from members.api.auth import token_of
from members.api.outputs import DeviceOutput
from members.selectors.devices import devices
from members.services import devices as ending


class DevicesView(APIView):
    """All devices."""

    @extend_schema(
        summary="登录设备",
        description="所有登录中的设备，当前设备在前。最多 100 台。",
        tags=["登录"],
        responses=answers(DeviceOutput(many=True)),
    )
    def get(self, request: Request) -> Response:
        """List where the caller is signed in."""
        token = token_of(request)
        rows = devices(user_id=token.user_id, at=timezone.now(), token_digest=token.digest)
        return Response(DeviceOutput(rows, many=True).data)

    @extend_schema(
        summary="退出其他设备",
        description="除当前设备外全部退出登录，立即生效。",
        tags=["登录"],
        responses=answers(None, status=204),
    )
    def delete(self, request: Request) -> Response:
        """Sign all others out."""
        token = token_of(request)
        with edge_transaction():
            ending.end_all(user_id=token.user_id, at=timezone.now(), but_token=token.digest)
        return Response(status=204)


class DeviceView(APIView):
    """One device."""

    @extend_schema(
        summary="退出一台设备",
        description="该设备的登录立即失效；可以是当前设备。",
        tags=["登录"],
        responses=answers(None, NotFound, status=204),
    )
    def delete(self, request: Request, device_id: int) -> Response:
        """Sign one device out."""
        with edge_transaction():
            ending.end(user_id=token_of(request).user_id, device_id=device_id, at=timezone.now())
        return Response(status=204)
