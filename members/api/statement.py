"""The caller's points, entry by entry."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.core.errors import InvalidInput, NotFound
from config.core.openapi import answers
from config.core.pagination import PageQuery
from members.api.auth import member_id_of
from members.api.inputs import StatementQuery
from members.api.outputs import EntryDetailOutput, EntryPage, LapsingOutput
from members.selectors.centre import profile
from members.selectors.lapsing import lapsing, pending_points
from members.selectors.statement import entry_in_words, statement


class StatementPageQuery(StatementQuery, PageQuery):
    """Which part of which entries."""


class EntriesView(APIView):
    """The statement."""

    @extend_schema(
        summary="积分明细",
        description="从新到旧，游标翻页。",
        tags=["积分"],
        parameters=[StatementPageQuery],
        responses=answers(EntryPage, InvalidInput),
    )
    def get(self, request: Request) -> Response:
        """List entries of the caller's points account."""
        query = StatementPageQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        page = statement(
            account=profile(member_id=member_id_of(request)).points_account,
            direction=asked["direction"] or "all",
            before=_before(asked["cursor"]),
            limit=asked["limit"],
        )
        following = "" if page.next_before is None else str(page.next_before)
        return Response(EntryPage({"items": page.rows, "next_cursor": following}).data)


class EntryView(APIView):
    """One entry."""

    @extend_schema(
        summary="积分流水详情",
        description="这笔流水产生或使用了哪些批次，各自何时到期。",
        tags=["积分"],
        responses=answers(EntryDetailOutput, NotFound),
    )
    def get(self, request: Request, entry_id: int) -> Response:
        """Show one entry of the caller's points account."""
        account = profile(member_id=member_id_of(request)).points_account
        return Response(EntryDetailOutput(entry_in_words(account=account, entry_id=entry_id)).data)


class LapsingView(APIView):
    """What lapses soon."""

    @extend_schema(
        summary="即将到期的积分",
        description="积分何时到期，最早的在前；用 rewards/ 查看积分够兑的好礼。",
        tags=["积分"],
        responses=answers(LapsingOutput),
    )
    def get(self, request: Request) -> Response:
        """Show when the caller's points lapse, and which are pending."""
        account = profile(member_id=member_id_of(request)).points_account
        found = lapsing(account=account, at=timezone.now())
        return Response(LapsingOutput(vars(found) | {"pending": pending_points(account=account)}).data)


def _before(cursor: str) -> int | None:
    """The entry that a cursor names. Raises InvalidInput."""
    if not cursor:
        return None
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 18):
        raise InvalidInput(cursor="翻页位置无效，请刷新后重试")
    return int(cursor)
