"""Receipts: why the caller was given something."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from campaigns.api.outputs import ReceiptOutput
from campaigns.selectors.receipts import receipt, receipt_for_entry
from config.core.errors import NotFound
from config.core.openapi import answers
from members.api.auth import member_id_of


class ReceiptView(APIView):
    """One receipt."""

    @extend_schema(
        summary="发放凭证",
        description="哪些活动、怎么算、差一点的活动及原因。",
        tags=["积分"],
        responses=answers(ReceiptOutput, NotFound),
    )
    def get(self, request: Request, receipt_id: int) -> Response:
        """Show one receipt of the caller."""
        return Response(ReceiptOutput(receipt(receipt_id=receipt_id, member_id=member_id_of(request))).data)


class EntryReceiptView(APIView):
    """The receipt behind an entry."""

    @extend_schema(
        summary="一笔流水的发放凭证",
        description="不是由活动发放的流水没有凭证（404）。",
        tags=["积分"],
        responses=answers(ReceiptOutput, NotFound),
    )
    def get(self, request: Request, entry_id: int) -> Response:
        """Show the receipt of one of the caller's entries."""
        return Response(ReceiptOutput(receipt_for_entry(entry_id=entry_id, member_id=member_id_of(request))).data)
