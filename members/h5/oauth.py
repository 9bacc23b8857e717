"""Logging in by WeChat on pages that are open inside it: out with a state that this session knows, back with a code."""

import hmac
import secrets
from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.core.errors import DomainError
from members.h5.session import current_member_id, safe_next, sign_in
from members.rules.devices import is_wechat
from members.services import identities, wechat_log_in
from members.services.identities import External, IdentityTaken, Ticket, TicketSpent
from members.wechat.apps import has_official_account
from members.wechat.people import authorize_address

_STATE: Final = "wechat_state"
_TICKET: Final = "wechat_ticket"
_TRIED: Final = "wechat_tried"
_SECONDS: Final = 600


@never_cache
@require_safe
def wechat_start(request: HttpRequest) -> HttpResponse:
    """Off to WeChat, which sends the person straight back; a signed-in member binds their WeChat so."""
    return _start(request) if is_offered(request) else redirect("members:login")


@never_cache
@require_safe
def wechat_back(request: HttpRequest) -> HttpResponse:
    """Back from WeChat: signed in, bound, or asked for a phone. A state that isn't this session's is worth nothing."""
    target, code = _left_for(request), request.GET.get("code", "")
    if target is None or not code:
        return _refused(request, "微信登录没有完成，请重试或使用手机号验证码登录")
    member_id, at = current_member_id(request), timezone.now()
    try:
        if member_id is not None:
            wechat_log_in.bind_by_page(member_id=member_id, code=code, at=at)
            messages.success(request, "已绑定微信，下次可以直接登录")
            return redirect("members:devices")
        found = wechat_log_in.sign_in_by_page(code=code, at=at)
    except DomainError as refusal:
        return _refused(request, refusal.text)
    if isinstance(found, Ticket):
        request.session[_TICKET] = found.text
        messages.info(request, "验证一次手机号，以后用微信直接登录")
        return redirect(f"{reverse('members:login')}?{urlencode({'next': target})}")
    sign_in(request, user_id=found.user_id)
    return redirect(target)


def start_unasked(request: HttpRequest) -> HttpResponse | None:
    """Off to WeChat the first time that a session comes to the log-in inside it; None afterwards and elsewhere."""
    if not is_offered(request) or request.session.get(_TRIED):
        return None
    return _start(request)


def is_offered(request: HttpRequest) -> bool:
    """Whether this page can log in by WeChat."""
    return has_official_account() and is_wechat(request.headers.get("User-Agent", ""))


def waiting(request: HttpRequest, *, at: datetime) -> External | None:
    """Who came from WeChat in this session and has yet to show a phone."""
    ticket = request.session.get(_TICKET)
    try:
        return identities.unseal(ticket=ticket, provider=wechat_log_in.OFFICIAL_ACCOUNT, at=at) if ticket else None
    except TicketSpent:
        return None


def forget(request: HttpRequest) -> None:
    """Nobody waits any more."""
    request.session.pop(_TICKET, None)


def forget_taken(request: HttpRequest, refusal: DomainError) -> None:
    """Let the phone alone log in when this WeChat turned out to be another member's."""
    if isinstance(refusal, IdentityTaken):
        forget(request)


def note_tried(request: HttpRequest) -> None:
    """From here on this session logs in by WeChat only when asked to."""
    request.session[_TRIED] = True


def _start(request: HttpRequest) -> HttpResponse:
    state = secrets.token_urlsafe(24)
    target = safe_next(request, default=reverse("mall:member-centre"))
    request.session[_STATE] = {"state": state, "next": target, "at": int(timezone.now().timestamp())}
    note_tried(request)
    back = request.build_absolute_uri(reverse("members:wechat-back"))
    return redirect(authorize_address(back_to=back, state=state))


def _left_for(request: HttpRequest) -> str | None:
    """Where this session wanted to go when it left for WeChat with the state that came back; None: it did not."""
    kept: dict[str, Any] | None = request.session.pop(_STATE, None)
    if not kept or timezone.now().timestamp() - kept["at"] > _SECONDS:
        return None
    is_same = hmac.compare_digest(kept["state"].encode(), request.GET.get("state", "").encode())
    return str(kept["next"]) if is_same else None


def _refused(request: HttpRequest, sentence: str) -> HttpResponse:
    messages.error(request, sentence)
    return redirect("members:devices" if current_member_id(request) is not None else "members:login")
