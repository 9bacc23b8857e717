"""Logging in by password; setting one and taking it away."""

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
from members.api.auth import member_id_of, token_of
from members.api.inputs import CodeInput, PasswordInput, PasswordLoginInput
from members.api.outputs import LoginOutput, PasswordOutput
from members.api.sessions import logged_in
from members.api.throttles import SIGN_IN
from members.rules import codes, phones
from members.senders import texts
from members.services import login_codes, passwords, registration

_OF_CODES = (codes.InvalidCode, login_codes.WrongCode, login_codes.CodeExpired, login_codes.TooManyTries)


class PasswordLoginView(APIView):
    """Tokens for a phone and its password."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = SIGN_IN

    @extend_schema(
        summary="用手机号和密码登录",
        description="只有设置过密码的会员可用；手机号未注册、没有密码、密码错误的应答都一样。",
        tags=["登录"],
        request=PasswordLoginInput,
        responses=answers(
            LoginOutput,
            InvalidInput,
            phones.InvalidPhone,
            passwords.WrongPassword,
            passwords.TooManyPasswords,
            registration.MemberFrozen,
            registration.MemberClosed,
            is_public=True,
        ),
    )
    def post(self, request: Request) -> Response:
        """Log in; the try is counted before it is looked at, so the service opens its transactions itself."""
        sent = PasswordLoginInput(data=request.data)
        sent.is_valid(raise_exception=True)
        at, given, address = timezone.now(), sent.validated_data, client_address(request._request)
        found = passwords.sign_in_by_password(phone=given["phone"], password=given["password"], address=address, at=at)
        return Response(LoginOutput(logged_in(request, found, given, at)).data)


class PasswordView(APIView):
    """The caller's password."""

    throttle_classes = SIGN_IN

    @extend_schema(summary="是否设置了密码", tags=["登录"], responses=answers(PasswordOutput))
    def get(self, request: Request) -> Response:
        """Say whether there is one."""
        return Response(PasswordOutput({"has_password": token_of(request).user.has_usable_password()}).data)

    @extend_schema(
        summary="设置或修改密码",
        description="先用 password/codes/ 取验证码。成功后除当前设备外全部退出登录。",
        tags=["登录"],
        request=PasswordInput,
        responses=answers(None, InvalidInput, *_OF_CODES, passwords.NoPhone, status=204),
    )
    def put(self, request: Request) -> Response:
        """Set or change it."""
        sent = PasswordInput(data=request.data)
        sent.is_valid(raise_exception=True)
        passwords.set_password(
            member_id=member_id_of(request),
            **sent.validated_data,
            at=timezone.now(),
            but_token=token_of(request).digest,
        )
        return Response(status=204)


class PasswordRemovalView(APIView):
    """Back to codes alone."""

    throttle_classes = SIGN_IN

    @extend_schema(
        summary="取消密码",
        description="之后只能用验证码或微信登录。成功后除当前设备外全部退出登录。",
        tags=["登录"],
        request=CodeInput,
        responses=answers(None, InvalidInput, *_OF_CODES, passwords.NoPhone, status=204),
    )
    def post(self, request: Request) -> Response:
        """Take it away."""
        sent = CodeInput(data=request.data)
        sent.is_valid(raise_exception=True)
        passwords.remove_password(
            member_id=member_id_of(request),
            **sent.validated_data,
            at=timezone.now(),
            but_token=token_of(request).digest,
        )
        return Response(status=204)


class PasswordCodesView(APIView):
    """Codes to the caller's own phone."""

    throttle_classes = SIGN_IN

    @extend_schema(
        summary="发送验证码到自己的手机",
        description="用于设置、修改或取消密码。",
        tags=["登录"],
        request=None,
        responses=answers(
            None,
            codes.CodeSentRecently,
            codes.TooManyCodes,
            codes.TooManyCodesFromHere,
            codes.TooManyCodesFromHereToday,
            passwords.NoPhone,
            texts.TextRefused,
            texts.TextsTooOften,
            texts.TextNotSent,
            status=204,
        ),
    )
    def post(self, request: Request) -> Response:
        """Send one."""
        address = client_address(request._request)
        with edge_transaction():
            passwords.send_code_to_own_phone(member_id=member_id_of(request), address=address, at=timezone.now())
        return Response(status=204)
