"""The caller's privacy: notice and consent, copies of their data, closing the account."""

from typing import Any

from django.db import transaction
from django.http import FileResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.core.api_fields import WholeField
from config.core.db import edge_transaction
from config.core.errors import NotFound
from config.core.openapi import answers
from config.outbox.idempotency import REFUSALS, idempotent
from members.api.auth import member_id_of
from members.api.channel import CHANNEL
from members.selectors.privacy_notices import current_notice
from members.selectors.privacy_pages import closing_of, copies_of
from members.services import closing, consents, data_exports


class ParagraphOutput(serializers.Serializer[Any]):
    """A part of the notice."""

    text = serializers.CharField()
    is_heading = serializers.BooleanField()


class PrivacyNoticeOutput(serializers.Serializer[Any]):
    """The privacy notice in force."""

    version = serializers.IntegerField()
    title = serializers.CharField()
    changes = serializers.CharField(allow_blank=True, help_text="本次更新了什么")
    published_at = serializers.DateTimeField()
    paragraphs = ParagraphOutput(many=True)


@extend_schema_serializer(examples=[OpenApiExample("示例", {"version": 1}, request_only=True)])
class ConsentInput(serializers.Serializer[Any]):
    """Which version is agreed to: the one that was shown."""

    version = WholeField(what="版本", min_value=0, max_value=1_000_000)


class CopyOutput(serializers.Serializer[Any]):
    """A copy of the caller's data."""

    id = serializers.IntegerField()
    status = serializers.CharField(help_text="pending 准备中、ready 可下载、gone 已失效")
    requested_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True, help_text="下载截止时间；不可下载时为 null")
    kilobytes = serializers.IntegerField()


class LostOutput(serializers.Serializer[Any]):
    """What closing the account would take away."""

    points = serializers.IntegerField(help_text="将作废的积分")
    growth = serializers.IntegerField(help_text="将清零的成长值")
    paid_membership = serializers.BooleanField(help_text="是否还有付费会员")
    paid_until = serializers.DateTimeField(allow_null=True, help_text="付费会员到期时间；没有或终身为 null")
    matters = serializers.ListField(child=serializers.CharField(), help_text="须先办完的事；为空才能注销")
    days = serializers.IntegerField(help_text="冷静期天数")


class ClosingOutput(serializers.Serializer[Any]):
    """A wish to leave and what it means."""

    lost = LostOutput()
    asked_at = serializers.DateTimeField(allow_null=True, help_text="申请时间；没有申请为 null")
    due_at = serializers.DateTimeField(allow_null=True, help_text="生效时间，此前可撤销；没有申请为 null")


class PrivacyNoticeView(APIView):
    """The notice."""

    permission_classes = (AllowAny,)

    @extend_schema(
        summary="隐私政策",
        description="当前生效的版本。",
        tags=["隐私"],
        auth=[],
        responses=answers(PrivacyNoticeOutput, NotFound, is_public=True),
    )
    def get(self, request: Request) -> Response:
        """Show the notice in force."""
        notice = current_notice()
        if notice is None:
            raise NotFound
        return Response(PrivacyNoticeOutput(notice).data)


class ConsentView(APIView):
    """Agreeing to it."""

    is_for_privacy = True

    @extend_schema(
        summary="同意隐私政策",
        description="其他接口返回 consent_needed 时，展示隐私政策并由会员确认后调用。",
        tags=["隐私"],
        request=ConsentInput,
        responses=answers(None, consents.NoticeChanged, *REFUSALS, status=204),
    )
    @idempotent()
    def post(self, request: Request) -> Response:
        """Note that the caller agrees."""
        sent = ConsentInput(data=request.data)
        sent.is_valid(raise_exception=True)
        version = sent.validated_data["version"]
        consents.agree(member_id=member_id_of(request), version=version, channel=CHANNEL, at=timezone.now())
        return Response(status=204)


class CopiesView(APIView):
    """Copies of the caller's data."""

    is_for_privacy = True

    @extend_schema(
        summary="我的数据副本",
        description="最近 5 份。",
        tags=["隐私"],
        responses=answers(CopyOutput(many=True)),
    )
    def get(self, request: Request) -> Response:
        """List the latest copies."""
        return Response(CopyOutput(_copies(request), many=True).data)

    @extend_schema(
        summary="申请数据副本",
        description="在后台生成，准备好后可下载 24 小时。",
        tags=["隐私"],
        request=None,
        responses=answers(CopyOutput, data_exports.CopyPending, data_exports.TooManyCopies, *REFUSALS, status=202),
    )
    @idempotent()
    def post(self, request: Request) -> Response:
        """Ask for a copy."""
        data_exports.ask_for_copy(member_id=member_id_of(request), at=timezone.now())
        return Response(CopyOutput(_copies(request)[0]).data, status=202)


class CopyView(APIView):
    """The file."""

    is_for_privacy = True

    @extend_schema(
        summary="下载数据副本",
        description="压缩包，内有 CSV 和 JSON。",
        tags=["隐私"],
        responses={
            **{status: answer for status, answer in answers(None, NotFound).items() if status != 200},
            (200, "application/zip"): OpenApiResponse(OpenApiTypes.BINARY, description="压缩包"),
        },
    )
    def get(self, request: Request, export_id: int) -> FileResponse:
        """Hand the copy to its owner."""
        path = data_exports.file_of(member_id=member_id_of(request), export_id=export_id, at=timezone.now())
        response = FileResponse(
            path.open("rb"), as_attachment=True, filename="my-data.zip", content_type="application/zip"
        )
        response.headers["Cache-Control"] = "no-store"
        return response


class ClosingView(APIView):
    """Closing the account."""

    is_for_privacy = True

    @extend_schema(
        summary="注销的后果与进度",
        description="注销会失去什么、还有什么没办完、是否已申请。",
        tags=["隐私"],
        responses=answers(ClosingOutput),
    )
    def get(self, request: Request) -> Response:
        """Show what would be lost."""
        return Response(_closing(request))

    @extend_schema(
        summary="申请注销账号",
        description="冷静期内可撤销，期满后不可恢复。期间其他接口返回 account_closing。",
        tags=["隐私"],
        request=None,
        responses=answers(ClosingOutput, closing.AlreadyClosing, closing.MattersOpen, *REFUSALS, status=201),
    )
    @idempotent()
    def post(self, request: Request) -> Response:
        """Ask to leave."""
        closing.ask_to_close(member_id=member_id_of(request), channel=CHANNEL, at=timezone.now())
        return Response(_closing(request), status=201)

    @extend_schema(
        summary="撤销注销",
        description="账号恢复正常。",
        tags=["隐私"],
        responses=answers(None, closing.NotClosing, status=204),
    )
    def delete(self, request: Request) -> Response:
        """Stay."""
        with edge_transaction():
            closing.take_back(member_id=member_id_of(request), at=timezone.now())
        return Response(status=204)


def _copies(request: Request) -> Any:
    return copies_of(member_id=member_id_of(request), at=timezone.now())


def _closing(request: Request) -> Any:
    member_id = member_id_of(request)
    with transaction.atomic():
        lost = closing.what_is_lost(member_id=member_id, at=timezone.now())
    wish = closing_of(member_id=member_id)
    answer = {"lost": lost, "asked_at": wish and wish.asked_at, "due_at": wish and wish.due_at}
    return ClosingOutput(answer).data
