"""Account and security: where the member is signed in, which WeChat opens the account, whether a password does."""

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from config.core.db import edge_transaction
from members.h5 import oauth
from members.h5.links import link_to
from members.h5.session import member_required
from members.models import User
from members.selectors import devices as selectors
from members.services import devices, identities


@never_cache
@require_safe
@member_required
def devices_page(request: HttpRequest, *, member_id: int) -> HttpResponse:
    """Everything that opens this account."""
    key, user = request.session.session_key or "", cast(User, request.user)
    values = {
        "devices": selectors.devices(user_id=user.pk, at=timezone.now(), session_key=key),
        "identities": selectors.identities(member_id=member_id),
        "has_password": user.has_usable_password(),
        "can_bind": oauth.is_offered(request),
        "back_url": link_to("members:profile"),
    }
    return render(request, "h5/members/devices.html", values)


@require_POST
@member_required
def device_end(request: HttpRequest, device_id: int, *, member_id: int) -> HttpResponse:
    """Sign one device out."""
    with edge_transaction():
        devices.end(user_id=int(request.user.pk or 0), device_id=device_id, at=timezone.now())
    messages.success(request, "该设备已退出登录")
    return redirect("members:devices")


@require_POST
@member_required
def devices_end_others(request: HttpRequest, *, member_id: int) -> HttpResponse:
    """Sign every other device out."""
    with edge_transaction():
        count = devices.end_all(
            user_id=int(request.user.pk or 0), at=timezone.now(), but_session=request.session.session_key or ""
        )
    messages.success(request, f"已退出其他 {count} 台设备" if count else "没有其他登录中的设备")
    return redirect("members:devices")


@require_POST
@member_required
def identity_unbind(request: HttpRequest, identity_id: int, *, member_id: int) -> HttpResponse:
    """Let a WeChat open this account no more."""
    with edge_transaction():
        identities.unbind(member_id=member_id, identity_id=identity_id, at=timezone.now())
    oauth.note_tried(request)
    messages.success(request, "已解除绑定")
    return redirect("members:devices")
