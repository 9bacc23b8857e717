"""Who calls the API: tokens alone, never cookies; and only members."""

from hmac import compare_digest
from typing import Any

from django.db.models import Subquery
from django.utils import timezone
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from knox.models import AuthToken
from knox.settings import CONSTANTS, knox_settings
from rest_framework import exceptions
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from members.models import Member, User
from members.selectors.privacy_notices import current_version_rows
from members.services import devices
from members.services.closing import AccountClosing
from members.services.consents import ConsentNeeded
from members.services.registration import MemberClosed, MemberFrozen


class MemberTokenAuthentication(TokenAuthentication):
    """`Authorization: Bearer …`; token, user and member come in one query."""

    def authenticate_credentials(self, token: bytes) -> tuple[User, AuthToken]:
        text = token.decode("ascii", errors="replace")
        if not text.isalnum() or not text.isascii():
            raise exceptions.AuthenticationFailed
        digest = hash_token(text)
        rows = AuthToken.objects.filter(token_key=text[: CONSTANTS.TOKEN_KEY_LENGTH])
        rows = rows.annotate(notice_version=Subquery(current_version_rows()))
        for row in rows.select_related("user__member", "device"):
            if compare_digest(digest, row.digest) and (row.expiry is None or row.expiry > timezone.now()):
                if knox_settings.AUTO_REFRESH and row.expiry:
                    self.renew_token(row)
                _note_use(row)
                return self.validate_user(row)
        raise exceptions.AuthenticationFailed


class IsMember(BasePermission):
    """Lets members in: 401 without a token, 403 with one of staff or of a member who is frozen or gone.

    Who is leaving, or hasn't agreed to the privacy notice in force, is let in where the view says `is_for_privacy`.
    """

    def has_permission(self, request: Request, view: object) -> bool:
        member = _member_of(request)
        if member is None:
            return False
        if member.status == Member.Status.FROZEN:
            raise MemberFrozen
        if member.status == Member.Status.CLOSED:
            raise MemberClosed
        if getattr(view, "is_for_privacy", False):
            return True
        if member.status == Member.Status.CLOSING:
            raise AccountClosing
        if isinstance(request.auth, AuthToken) and member.agreed_version < (_notice_of(request.auth) or 0):
            raise ConsentNeeded
        return True


def _notice_of(token: AuthToken) -> int | None:
    """The version of the privacy notice in force; it came with the token."""
    version: int | None = getattr(token, "notice_version", None)
    return version


def token_of(request: Request) -> AuthToken:
    """The token that the call came with, behind `IsMember`."""
    if not isinstance(request.auth, AuthToken):
        raise exceptions.NotAuthenticated
    return request.auth


def member_id_of(request: Request) -> int:
    """The calling member's id, behind `IsMember`."""
    member = _member_of(request)
    if member is None:
        raise exceptions.NotAuthenticated
    return member.pk


def viewer_id_of(request: Request) -> int | None:
    """The calling member's id; None for a visitor or staff, whom a public endpoint shows the public view."""
    member = _member_of(request)
    return member.pk if member and member.status == Member.Status.ACTIVE else None


def _note_use(token: AuthToken) -> None:
    device, at = getattr(token, "device", None), timezone.now()
    if device is not None and device.last_used_at < at - devices.SEEN_AGAIN_AFTER:
        devices.note_use(token_digest=token.digest, at=at)


def _member_of(request: Request) -> Member | None:
    user: Any = request.user
    return getattr(user, "member", None) if user is not None and user.is_member else None
