"""The caller's inbox, and what they want to be told by which way."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.core.api_fields import FlagField, TextField
from config.core.db import edge_transaction
from config.core.errors import InvalidInput, NotFound
from config.core.openapi import answers
from config.core.pagination import Page, PageQuery
from config.outbox.idempotency import REFUSALS, idempotent
from members.api.auth import member_id_of
from members.models import Purpose, Way
from members.selectors.inbox import MOST_COUNTED, inbox, message, unread_count
from members.selectors.message_reach import preferences
from members.selectors.message_templates import subscribe_template_ids
from members.services import message_choices as choices

_MOST_TEMPLATES = 20


def _choice(what: str) -> dict[str, Any]:
    return dict.fromkeys(("required", "null", "invalid_choice"), f"没有这种{what}")


class MessageOutput(serializers.Serializer[Any]):
    """One message of the inbox."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    body = serializers.CharField()
    link = serializers.CharField(allow_blank=True, help_text="点击后打开的页面路径；没有为空")
    icon = serializers.CharField(help_text="图标名")
    purpose = serializers.ChoiceField(choices=Purpose.choices, help_text="service 服务通知，marketing 营销消息")
    sent_at = serializers.DateTimeField()
    is_unread = serializers.BooleanField()


class MessagePage(Page):
    """A part of the inbox, newest first."""

    items = MessageOutput(many=True)


class UnreadOutput(serializers.Serializer[Any]):
    """The number on the bell."""

    unread = serializers.IntegerField(help_text=f"未读条数；{MOST_COUNTED} 表示 {MOST_COUNTED} 条或更多")


class ReadOutput(serializers.Serializer[Any]):
    """How many became read."""

    read = serializers.IntegerField(help_text="这次标为已读的条数")


class PreferenceOutput(serializers.Serializer[Any]):
    """One way for one purpose."""

    way = serializers.ChoiceField(choices=Way.choices, help_text="渠道")
    purpose = serializers.ChoiceField(choices=Purpose.choices, help_text="用途")
    is_on = serializers.BooleanField(help_text="是否接收")


@extend_schema_serializer(
    examples=[OpenApiExample("示例", {"way": "sms", "purpose": "marketing", "is_on": True}, request_only=True)]
)
class PreferenceInput(serializers.Serializer[Any]):
    """The choice for one way and purpose."""

    way = serializers.ChoiceField(choices=Way.choices, error_messages=_choice("渠道"), help_text="渠道")
    purpose = serializers.ChoiceField(choices=Purpose.choices, error_messages=_choice("用途"), help_text="用途")
    is_on = FlagField(what="是否接收", help_text="是否接收")


class SubscribeTemplateOutput(serializers.Serializer[Any]):
    """A WeChat template that the mini-program may ask about."""

    code = serializers.CharField(help_text="消息编号，例如 order_shipped")
    template_id = serializers.CharField(help_text="传给 wx.requestSubscribeMessage 的模板编号")


def _ids(help_text: str) -> serializers.ListField:
    return serializers.ListField(
        child=TextField(what="模板编号", most=80),
        required=False,
        default=list,
        max_length=_MOST_TEMPLATES,
        error_messages={
            "max_length": f"一次最多 {_MOST_TEMPLATES} 个模板",
            **dict.fromkeys(("not_a_list", "null"), "模板编号要写成列表"),
        },
        help_text=help_text,
    )


@extend_schema_serializer(examples=[OpenApiExample("示例", {"accepted": ["tmpl-1"], "refused": []}, request_only=True)])
class SubscriptionsInput(serializers.Serializer[Any]):
    """What the member answered in WeChat."""

    accepted = _ids("点了允许的模板编号")
    refused = _ids("点了拒绝的模板编号")


class MessagesView(APIView):
    """The inbox."""

    @extend_schema(
        summary="站内消息",
        description="从新到旧，游标翻页。",
        tags=["消息"],
        parameters=[PageQuery],
        responses=answers(MessagePage, InvalidInput),
    )
    def get(self, request: Request) -> Response:
        """List the caller's messages."""
        query = PageQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        page = inbox(member_id=member_id_of(request), before=_before(asked["cursor"]), limit=asked["limit"])
        following = "" if page.next_before is None else str(page.next_before)
        return Response(MessagePage({"items": page.rows, "next_cursor": following}).data)


class MessagesUnreadView(APIView):
    """The number on the bell."""

    @extend_schema(summary="未读消息数", description="用于角标。", tags=["消息"], responses=answers(UnreadOutput))
    def get(self, request: Request) -> Response:
        """Count the caller's unread messages."""
        return Response(UnreadOutput({"unread": unread_count(member_id=member_id_of(request))}).data)


class MessageView(APIView):
    """One message."""

    @extend_schema(
        summary="一条消息",
        description="读取不会标为已读，已读请调用 read/。",
        tags=["消息"],
        responses=answers(MessageOutput, NotFound),
    )
    def get(self, request: Request, message_id: int) -> Response:
        """Show one message of the caller."""
        return Response(MessageOutput(message(member_id=member_id_of(request), message_id=message_id)).data)


class MessageReadView(APIView):
    """One message, read."""

    @extend_schema(
        summary="标为已读",
        description="重复调用不会改变什么。",
        tags=["消息"],
        request=None,
        responses=answers(None, NotFound, status=204),
    )
    def put(self, request: Request, message_id: int) -> Response:
        """Note that the caller has seen the message."""
        member_id = member_id_of(request)
        message(member_id=member_id, message_id=message_id)
        with edge_transaction():
            choices.mark_read(member_id=member_id, message_id=message_id, at=timezone.now())
        return Response(status=204)


class MessagesReadView(APIView):
    """All messages, read."""

    @extend_schema(
        summary="全部已读",
        description="此刻之前的消息都标为已读；重复调用不会改变什么。",
        tags=["消息"],
        request=None,
        responses=answers(ReadOutput),
    )
    def put(self, request: Request) -> Response:
        """Note that the caller has seen everything so far."""
        with edge_transaction():
            count = choices.mark_all_read(member_id=member_id_of(request), at=timezone.now())
        return Response(ReadOutput({"read": count}).data)


class MessagePreferencesView(APIView):
    """The choices."""

    @extend_schema(
        summary="消息设置",
        description="每个渠道、每种用途是否接收；站内消息始终接收。",
        tags=["消息"],
        responses=answers(PreferenceOutput(many=True)),
    )
    def get(self, request: Request) -> Response:
        """List the caller's choices."""
        return Response(_preferences(member_id_of(request)))

    @extend_schema(
        summary="修改消息设置",
        description="打开或关闭一个渠道的一种用途；与现在相同时不改变什么。",
        tags=["消息"],
        request=PreferenceInput,
        responses=answers(PreferenceOutput(many=True), InvalidInput),
    )
    def put(self, request: Request) -> Response:
        """Give or withdraw consent for one way and purpose."""
        sent = PreferenceInput(data=request.data)
        sent.is_valid(raise_exception=True)
        wanted, member_id = sent.validated_data, member_id_of(request)
        with edge_transaction():
            choices.choose(
                member_id=member_id,
                way=wanted["way"],
                purpose=wanted["purpose"],
                is_wanted=wanted["is_on"],
                source="api",
                at=timezone.now(),
            )
        return Response(_preferences(member_id))


class MessageSubscriptionsView(APIView):
    """Subscribe messages of the mini-program."""

    @extend_schema(
        summary="订阅消息模板",
        description="小程序调用 wx.requestSubscribeMessage 时可以询问的模板。",
        tags=["消息"],
        responses=answers(SubscribeTemplateOutput(many=True)),
    )
    def get(self, request: Request) -> Response:
        """List the templates that the shop uses."""
        rows = [{"code": code, "template_id": remote_id} for code, remote_id in subscribe_template_ids().items()]
        return Response(SubscribeTemplateOutput(rows, many=True).data)

    @extend_schema(
        summary="上报订阅结果",
        description="每允许一次，就可以收到一条；每次询问只上报一次。",
        tags=["消息"],
        request=SubscriptionsInput,
        responses=answers(None, InvalidInput, *REFUSALS, status=204),
    )
    @idempotent()
    def post(self, request: Request) -> Response:
        """Note what the caller allowed in WeChat."""
        sent = SubscriptionsInput(data=request.data)
        sent.is_valid(raise_exception=True)
        choices.allow_subscriptions(
            member_id=member_id_of(request),
            accepted=sent.validated_data["accepted"],
            refused=sent.validated_data["refused"],
            at=timezone.now(),
        )
        return Response(status=204)


def _preferences(member_id: int) -> Any:
    chosen = preferences(member_id=member_id)
    rows = [{"way": way, "purpose": purpose, "is_on": is_on} for (way, purpose), is_on in chosen.items()]
    return PreferenceOutput(rows, many=True).data


def _before(cursor: str) -> int | None:
    """The message that a cursor names. Raises InvalidInput."""
    if not cursor:
        return None
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 18):
        raise InvalidInput(cursor="翻页位置无效，请刷新后重试")
    return int(cursor)
