"""Inviting friends and sharing pages."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.core import policies
from config.core.api_fields import TextField
from config.core.client_address import client_address
from config.core.db import edge_transaction
from config.core.errors import InvalidInput, NotFound
from config.core.openapi import answers
from config.core.pagination import Page, PageQuery
from members.api.auth import member_id_of, viewer_id_of
from members.models import Invitation
from members.rules import invitations as rules
from members.selectors.invitations import InviteeRow, invitees, inviter_of, totals
from members.services import invitations, shares
from members.services.shares import Visitor


class InviteeTotalsOutput(serializers.Serializer[Any]):
    """How many friends stand where."""

    registered = serializers.IntegerField(help_text="已注册的好友，含不计奖励的")
    waiting = serializers.IntegerField(help_text="还在等待首单或退货期的")
    rewarded = serializers.IntegerField(help_text="已发放首单奖励的")
    not_counted = serializers.IntegerField(help_text="不计奖励或首单已退款的")


class InviteOutput(serializers.Serializer[Any]):
    """The caller's invite code and what came of it."""

    code = serializers.CharField(help_text="邀请码")
    url = serializers.CharField(help_text="H5 邀请链接")
    poster_url = serializers.CharField(help_text="邀请海报（SVG，须在 H5 登录后打开）")
    totals = InviteeTotalsOutput()
    rules = serializers.ListField(child=serializers.CharField(), help_text="邀请规则，每条一句")


class InviteeOutput(serializers.Serializer[Any]):
    """One friend, by a masked name."""

    name = serializers.CharField(help_text="打码后的昵称")
    state = serializers.ChoiceField(choices=Invitation.State.choices)
    why = serializers.CharField(allow_blank=True, help_text="不计奖励的原因")
    registered_at = serializers.DateTimeField()
    paid_at = serializers.DateTimeField(allow_null=True, help_text="首单付款")
    completed_at = serializers.DateTimeField(allow_null=True, help_text="首单完成")
    reward_due_at = serializers.DateTimeField(allow_null=True, help_text="未退款时发放奖励的时间")
    rewarded_at = serializers.DateTimeField(allow_null=True)


class InviteePageOutput(Page):
    """Friends, newest first."""

    items = InviteeOutput(many=True)


class InviterOutput(serializers.Serializer[Any]):
    """Who invites."""

    nickname = serializers.CharField()
    avatar = serializers.CharField(help_text="头像图标名")


@extend_schema_serializer(examples=[OpenApiExample("示例", {"path": "/products/1/"}, request_only=True)])
class ShareInput(serializers.Serializer[Any]):
    """Which page is shared."""

    path = TextField(what="页面", most=200, help_text="本商城页面的路径，以 / 开头")


class ShareOutput(serializers.Serializer[Any]):
    """A link of one's own."""

    code = serializers.CharField()
    url = serializers.CharField()


@extend_schema_serializer(examples=[OpenApiExample("示例", {"device_id": "5f0c…"}, request_only=True)])
class VisitInput(serializers.Serializer[Any]):
    """Who opens the link."""

    device_id = TextField(what="设备标识", most=128, help_text="小程序为这台设备生成并保存的随机标识")


class VisitOutput(serializers.Serializer[Any]):
    """Where the link leads."""

    path = serializers.CharField(help_text="本商城页面的路径")
    invite_code = serializers.CharField(help_text="分享者的邀请码；好友注册时带上它")


class InviteView(APIView):
    """The caller's own code."""

    @extend_schema(
        summary="我的邀请码",
        description="邀请码、链接、各阶段人数和规则。首次调用时生成邀请码，以后不变。",
        tags=["邀请"],
        responses=answers(InviteOutput),
    )
    def get(self, request: Request) -> Response:
        """Show code, link and totals."""
        member_id = member_id_of(request)
        with edge_transaction():
            code = invitations.code_of(member_id=member_id, at=timezone.now())
        answer = {
            "code": code,
            "url": request.build_absolute_uri(reverse("members:invited", args=[code])),
            "poster_url": request.build_absolute_uri(reverse("members:invite-poster")),
            "totals": totals(member_id=member_id),
            "rules": rules.rule_sentences(policies.current()),
        }
        return Response(InviteOutput(answer).data)


class InviteesView(APIView):
    """The friends whom the caller brought."""

    @extend_schema(
        summary="我邀请的好友",
        description="从新到旧，含每位好友走到哪一步。",
        tags=["邀请"],
        parameters=[PageQuery],
        responses=answers(InviteePageOutput, InvalidInput),
    )
    def get(self, request: Request) -> Response:
        """List friends."""
        query = PageQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        page = invitees(
            member_id=member_id_of(request),
            before=_before(query.validated_data["cursor"]),
            limit=query.validated_data["limit"],
        )
        following = str(page.next_before) if page.next_before else ""
        items = [_invitee(row) for row in page.rows]
        return Response(InviteePageOutput({"items": items, "next_cursor": following}).data)


class InviterView(APIView):
    """Whose code it is."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        summary="邀请人",
        description="被邀请的人打开小程序时显示。",
        tags=["邀请"],
        auth=[],
        responses=answers(InviterOutput, NotFound, is_public=True),
    )
    def get(self, request: Request, code: str) -> Response:
        """Show who invites."""
        found = inviter_of(code=rules.clean_invite_code(code))
        if found is None:
            raise NotFound()
        return Response(InviterOutput(found).data)


class SharesView(APIView):
    """Links of one's own."""

    @extend_schema(
        summary="获取分享链接",
        description="同一页面总是同一个链接。分享本身没有奖励，好友打开才计。",
        tags=["邀请"],
        request=ShareInput,
        responses=answers(ShareOutput, InvalidInput),
    )
    def post(self, request: Request) -> Response:
        """Make or find the link."""
        sent = ShareInput(data=request.data)
        sent.is_valid(raise_exception=True)
        with edge_transaction():
            code = shares.link_to(member_id=member_id_of(request), path=sent.validated_data["path"], at=timezone.now())
        url = request.build_absolute_uri(reverse("members:shared", args=[code]))
        return Response(ShareOutput({"code": code, "url": url}).data)


class ShareVisitsView(APIView):
    """Visits by a shared link."""

    permission_classes = (AllowAny,)

    @extend_schema(
        summary="打开分享链接",
        description="同一设备同一链接只计一次。返回要打开的页面，以及注册时要带上的邀请码。",
        tags=["邀请"],
        request=VisitInput,
        responses=answers(VisitOutput, InvalidInput, NotFound, is_public=True),
    )
    def post(self, request: Request, code: str) -> Response:
        """Count the visit, and say where the link leads."""
        sent = VisitInput(data=request.data)
        sent.is_valid(raise_exception=True)
        visitor = Visitor(
            device=sent.validated_data["device_id"],
            address=client_address(request._request),
            member_id=viewer_id_of(request),
        )
        with edge_transaction():
            opened = shares.open_link(code=code, visitor=visitor, at=timezone.now())
        return Response(VisitOutput(opened).data)


def _before(cursor: str) -> int | None:
    """The invitation after which to go on. Raises InvalidInput."""
    if not cursor:
        return None
    if not (cursor.isascii() and cursor.isdigit() and int(cursor) < 2**63):
        raise InvalidInput(cursor="翻页位置无效，请刷新后重试")
    return int(cursor)


def _invitee(row: InviteeRow) -> dict[str, Any]:
    return vars(row) | {"why": rules.REFUSALS.get(row.refusal, "")}
