"""The caller's code for the till."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.core.db import edge_transaction
from config.core.openapi import answers
from members.api.auth import member_id_of
from members.api.outputs import TillCodeOutput
from members.services import till_codes


class TillCodeView(APIView):
    """A code that lives for a minute."""

    @extend_schema(
        summary="会员码",
        description="把 code 画成二维码给收银员扫。每次请求给一个新的，60 秒内有效，只能用一次；建议每 40 秒取一次。",
        tags=["会员"],
        responses=answers(TillCodeOutput),
    )
    def get(self, request: Request) -> Response:
        """A fresh code."""
        with edge_transaction():
            code = till_codes.code_of(member_id=member_id_of(request), at=timezone.now())
        answer = TillCodeOutput({"code": code.text, "expires_at": code.expires_at}).data
        return Response(answer, headers={"Cache-Control": "no-store"})
