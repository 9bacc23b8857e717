"""Logging in from the mini-program."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.core.errors import InvalidInput
from config.core.openapi import answers
from members.api.inputs import MiniProgramInput, PhoneButtonInput
from members.api.outputs import LoginOutput, MiniProgramOutput
from members.api.sessions import logged_in
from members.api.throttles import SIGN_IN
from members.api.touches import touch_in
from members.rules import phones
from members.services import identities, registration, wechat_log_in
from members.services.identities import Ticket
from members.wechat import people, refusals

_WECHAT = (
    refusals.WechatCodeSpent,
    refusals.WechatTooOften,
    refusals.WechatRiskyUser,
    refusals.WechatRefused,
    refusals.WechatBusy,
    refusals.WechatUnusable,
    refusals.WechatSwitchedOff,
)


class MiniProgramSessionView(APIView):
    """Tokens for a code of wx.login."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = SIGN_IN

    @extend_schema(
        summary="微信小程序登录",
        description="用 wx.login 的 code 登录。绑定过的微信直接返回 login；没有绑定的返回 ticket，"
        "再用 sessions/mini-program/phone/（手机号按钮）或 auth/login/（短信验证码）带上 ticket 完成注册或绑定。",
        tags=["登录"],
        request=MiniProgramInput,
        responses=answers(
            MiniProgramOutput,
            InvalidInput,
            registration.MemberFrozen,
            registration.MemberClosed,
            *_WECHAT,
            is_public=True,
        ),
    )
    def post(self, request: Request) -> Response:
        """Log in whom the code stands for."""
        sent = MiniProgramInput(data=request.data)
        sent.is_valid(raise_exception=True)
        at, given = timezone.now(), sent.validated_data
        found = wechat_log_in.sign_in_by_mini_program(code=given["code"], at=at)
        answer: dict[str, Any]
        if isinstance(found, Ticket):
            answer = {"login": None, "ticket": found.text, "ticket_expires_at": found.expires_at}
        else:
            answer = {"login": logged_in(request, found, given, at), "ticket": None, "ticket_expires_at": None}
        return Response(MiniProgramOutput(answer).data)


class MiniProgramPhoneView(APIView):
    """Tokens for a ticket and a code of the phone button."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = SIGN_IN

    @extend_schema(
        summary="用微信手机号完成登录",
        description="手机号属于已有会员（包括只在门店登记过的）时登录为该会员，否则注册；并绑定 ticket 对应的微信。",
        tags=["登录"],
        request=PhoneButtonInput,
        responses=answers(
            LoginOutput,
            InvalidInput,
            phones.InvalidPhone,
            people.ForeignPhone,
            identities.TicketSpent,
            identities.IdentityTaken,
            registration.MemberFrozen,
            registration.MemberClosed,
            *_WECHAT,
            is_public=True,
        ),
    )
    def post(self, request: Request) -> Response:
        """Log in the member of the phone, and bind who holds the ticket."""
        sent = PhoneButtonInput(data=request.data)
        sent.is_valid(raise_exception=True)
        at, given = timezone.now(), sent.validated_data
        found = wechat_log_in.register_by_phone_button(
            ticket=given["ticket"], phone_code=given["phone_code"], at=at, touch=touch_in(given, at=at)
        )
        return Response(LoginOutput(logged_in(request, found, given, at)).data)
