"""Logging in and out."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.core.client_address import client_address
from config.core.db import edge_transaction
from config.core.errors import InvalidInput
from config.core.openapi import answers
from members.api.auth import token_of
from members.api.channel import CHANNEL
from members.api.inputs import LoginInput, PhoneInput
from members.api.outputs import LoginOutput
from members.api.throttles import SIGN_IN
from members.api.touches import touch_in
from members.rules import codes, phones
from members.selectors.centre import profile
from members.senders import texts
from members.services import api_tokens, devices, identities, login_codes, registration
from members.services.devices import Seen
from members.services.sign_in import SignedIn, sign_in_by_code
from members.services.wechat_log_in import MINI_PROGRAM


class CodesView(APIView):
    """Log-in codes."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = SIGN_IN

    @extend_schema(
        summary="发送登录验证码",
        description="无论手机号是否已注册，应答都一样。",
        tags=["登录"],
        request=PhoneInput,
        responses=answers(
            None,
            InvalidInput,
            phones.InvalidPhone,
            codes.CodeSentRecently,
            codes.TooManyCodes,
            codes.TooManyCodesFromHere,
            codes.TooManyCodesFromHereToday,
            texts.TextRefused,
            texts.TextsTooOften,
            texts.TextNotSent,
            status=204,
            is_public=True,
        ),
    )
    def post(self, request: Request) -> Response:
        """Send a code."""
        sent = PhoneInput(data=request.data)
        sent.is_valid(raise_exception=True)
        address = client_address(request._request)
        with edge_transaction():
            login_codes.send_code(phone=sent.validated_data["phone"], address=address, at=timezone.now())
        return Response(status=204)


class LoginView(APIView):
    """Tokens for a phone and its code."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = SIGN_IN

    @extend_schema(
        summary="用手机号和验证码登录",
        description="未注册的手机号会自动注册为会员。返回的令牌放在请求头 `Authorization: Bearer <token>` 里。",
        tags=["登录"],
        request=LoginInput,
        responses=answers(
            LoginOutput,
            InvalidInput,
            phones.InvalidPhone,
            codes.InvalidCode,
            login_codes.WrongCode,
            login_codes.CodeExpired,
            login_codes.TooManyTries,
            registration.MemberFrozen,
            registration.MemberClosed,
            identities.TicketSpent,
            identities.IdentityTaken,
            is_public=True,
        ),
    )
    def post(self, request: Request) -> Response:
        """Log in; a wrong code is counted even though it is refused, so the service opens its transaction itself."""
        sent = LoginInput(data=request.data)
        sent.is_valid(raise_exception=True)
        at, given = timezone.now(), sent.validated_data
        ticket = given.get("ticket")
        who = ticket and identities.unseal(ticket=ticket, provider=MINI_PROGRAM, at=at)
        signed_in = sign_in_by_code(
            phone=given["phone"],
            code=given["code"],
            channel=CHANNEL,
            at=at,
            touch=touch_in(given, at=at),
            who=who or None,
        )
        return Response(LoginOutput(logged_in(request, signed_in, given, at)).data)


def logged_in(request: Request, signed_in: SignedIn, given: dict[str, Any], at: datetime) -> dict[str, Any]:
    """A token for the device that the request comes from, and whose it is."""
    seen = Seen(
        channel=CHANNEL,
        user_agent=request.headers.get("User-Agent", "")[:500],
        name=given.get("device_name", ""),
        device_id=given.get("device_id", ""),
        address=client_address(request._request),
    )
    with edge_transaction():
        token = api_tokens.issue(user_id=signed_in.user_id, at=at, seen=seen)
    return {
        "token": token.text,
        "expires_at": token.expires_at,
        "is_new": signed_in.is_new,
        "member": profile(member_id=signed_in.member_id),
    }


class LogoutView(APIView):
    """The token of this device."""

    @extend_schema(
        summary="退出登录",
        description="当前令牌立即失效。",
        tags=["登录"],
        request=None,
        responses=answers(None, status=204),
    )
    def post(self, request: Request) -> Response:
        """Revoke the token that the call came with."""
        with edge_transaction():
            api_tokens.revoke(digest=token_of(request).digest)
        return Response(status=204)


class LogoutAllView(APIView):
    """The tokens of all devices."""

    @extend_schema(
        summary="退出所有设备",
        description="该会员的全部令牌立即失效，网页上的登录也一并退出。",
        tags=["登录"],
        request=None,
        responses=answers(None, status=204),
    )
    def post(self, request: Request) -> Response:
        """Revoke all tokens of the caller."""
        with edge_transaction():
            devices.end_all(user_id=token_of(request).user_id, at=timezone.now())
        return Response(status=204)
