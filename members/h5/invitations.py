"""Inviting friends: the member's page, the poster, the landing page of a link, and shared links."""

import base64
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.contrib.staticfiles import finders
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from config.core import policies
from config.core.blocks import Placement, UnknownBlockKind, Values, Viewer, render_plan
from config.core.client_address import client_address
from config.core.db import edge_transaction
from config.core.errors import DomainError, NotFound
from config.core.shop import brand_color, shop_name
from config.core.templatetags.h5 import art_file
from config.core.time import local_date
from members.h5 import touches
from members.h5.links import link_to
from members.h5.session import current_member_id, member_required
from members.rules import invitations as rules
from members.rules.posters import invite_poster
from members.selectors.centre import profile
from members.selectors.invitations import InviteePage, InviteeRow, invitees, inviter_of, totals
from members.services import invitations, shares
from members.services.avatars import is_upload
from members.services.shares import Visitor
from members.values import avatar_url

_BRAND = "#d92c12"
_BIGGEST = 2**63 - 1


@require_safe
@member_required
def invite_page(request: HttpRequest, *, member_id: int) -> HttpResponse:
    """The member's code, link and poster, the friends they brought, and the rules; htmx gets further friends alone."""
    at = timezone.now()
    page = invitees(member_id=member_id, before=_before(request.GET.get("before")))
    friends: dict[str, Any] = {"friends": [_friend(row) for row in page.rows], "next_url": _next_url(page)}
    if request.htmx and "before" in request.GET:  # type: ignore[attr-defined]
        return render(request, "h5/members/_invitees.html", friends)
    with edge_transaction():
        code = invitations.code_of(member_id=member_id, at=at)
    rewards = _block("invitation_rewards", Viewer(member_id=member_id, at=at))
    values = friends | {
        "code": code,
        "link": request.build_absolute_uri(reverse("members:invited", args=[code])),
        "totals": vars(totals(member_id=member_id)),
        "rewards": rewards,
        "rules": rules.rule_sentences(policies.current()),
        "back_url": link_to("mall:member-centre") or "/",
    }
    return render(request, "h5/members/invite.html", values)


@require_safe
@member_required
def invite_poster_svg(request: HttpRequest, *, member_id: int) -> HttpResponse:
    """The poster with the member's QR code, as a picture."""
    at, who = timezone.now(), profile(member_id=member_id)
    with edge_transaction():
        code = invitations.code_of(member_id=member_id, at=at)
    gifts = _block("newcomer_gifts", Viewer(member_id=None, at=at))
    drawn = invite_poster(
        url=request.build_absolute_uri(reverse("members:invited", args=[code])),
        shop=shop_name(),
        nickname=who.nickname,
        code=code,
        gifts=list(gifts["gifts"]) if gifts else [],
        brand=brand_color() or _BRAND,
        avatar=_picture(who.avatar),
    )
    response = HttpResponse(drawn, content_type="image/svg+xml")
    response["Cache-Control"] = "private, max-age=300"
    return response


@never_cache
@require_safe
def invited_page(request: HttpRequest, code: str) -> HttpResponse:
    """Where an invitation leads: who invites, and what newcomers get; the browser remembers that it was here."""
    code = rules.clean_invite_code(code)
    inviter = inviter_of(code=code)
    if inviter is None:
        raise NotFound()
    touches.note(request, invite_code=code, channel_code=touches.channel_in(request))
    gifts = _block("newcomer_gifts", Viewer(member_id=None, at=timezone.now()))
    values = {
        "inviter": inviter.nickname,
        "avatar": avatar_url(inviter.avatar),
        "gifts": gifts["gifts"] if gifts else [],
        "is_member": current_member_id(request) is not None,
        "home_url": link_to("mall:home") or "/",
    }
    return touches.keep(request, render(request, "h5/members/invited.html", values))


@never_cache
@require_GET
def shared_link(request: HttpRequest, code: str) -> HttpResponse:
    """Where a shared link leads; the visit counts once per browser, and the sharer is remembered as who invited."""
    device = touches.touch_of(request).device
    member_id = current_member_id(request)
    visitor = Visitor(device=device, address=client_address(request), member_id=member_id)
    with edge_transaction():
        opened = shares.open_link(code=code, visitor=visitor, at=timezone.now())
    touches.note(request, invite_code=opened.invite_code)
    return touches.keep(request, redirect(opened.path))


@require_POST
@member_required
def share(request: HttpRequest, *, member_id: int) -> HttpResponse:
    """A link of one's own to the page named: shown to copy."""
    try:
        with edge_transaction():
            code = shares.link_to(member_id=member_id, path=request.POST.get("path", ""), at=timezone.now())
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return redirect("members:invite")
    link = request.build_absolute_uri(reverse("members:shared", args=[code]))
    return render(request, "h5/members/share.html", {"link": link, "back_url": request.POST["path"]})


def _block(kind: str, viewer: Viewer) -> Values | None:
    """The values of a higher room's block; nothing where this installation has none, or it has nothing to say."""
    try:
        found = render_plan([Placement(id=1, kind=kind, config={})], viewer)
    except UnknownBlockKind:
        return None
    return found[0].values if found else None


def _before(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and int(text[:20]) <= _BIGGEST):
        raise NotFound()
    return int(text[:20])


def _next_url(page: InviteePage) -> str:
    return f"{reverse('members:invite')}?before={page.next_before}" if page.next_before else ""


def _friend(row: InviteeRow) -> dict[str, Any]:
    steps = [("注册", row.registered_at), ("首单付款", row.paid_at), ("首单完成", row.completed_at)]
    return {
        "name": row.name,
        "initial": row.name[:1],
        "state": row.state_name,
        "is_over": row.state in {"refused", "clawed_back"},
        "is_rewarded": row.state == "rewarded",
        "steps": [{"name": name, "at": at} for name, at in [*steps, ("奖励到账", row.rewarded_at)]],
        "note": _note(row),
    }


def _note(row: InviteeRow) -> str:
    """What is still missing, or why nothing comes."""
    if row.state == "refused":
        return f"不计奖励：{rules.REFUSALS[row.refusal]}"
    if row.state == "completed" and row.reward_due_at:
        return f"首单未退款的话，{local_date(row.reward_due_at):%m-%d} 发放奖励"
    return {
        "registered": "等待好友的第一笔订单",
        "paid": "等待订单完成",
        "clawed_back": "首单已退款，相应奖励已扣回",
    }.get(row.state, "")


def _picture(avatar: str) -> str:
    """The avatar as a data URI: a picture inside a picture may load nothing. Empty when the file is not there."""
    if is_upload(avatar):
        if not default_storage.exists(avatar):
            return ""
        with default_storage.open(avatar) as file:
            content: bytes = file.read()
    else:
        found = finders.find(art_file(f"avatar-{avatar}"))
        if not found:
            return ""
        content = Path(str(found)).read_bytes()
    return f"data:image/webp;base64,{base64.b64encode(content).decode()}"
