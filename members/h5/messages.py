"""The inbox, one message of it, and what the member wants to be told by which way."""

import smtplib
from typing import Any

import redis
from django.contrib import messages as toasts
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from config.core.db import edge_transaction
from config.core.errors import DomainError, NotFound
from config.core.time import local_date
from config.core.windows import count_in_window
from members.h5.links import link_to
from members.h5.session import member_required
from members.messaging.confirmations import send_confirmation
from members.selectors.inbox import InboxPage, InboxRow, inbox, message
from members.selectors.message_settings import message_settings
from members.services import message_choices as choices

_BIGGEST = 2**63 - 1
_EMAILS_AN_HOUR = 5


@require_safe
@member_required
def messages_page(request: HttpRequest, *, member_id: int) -> HttpResponse:
    """Messages, newest first; htmx gets the next ones alone."""
    page = inbox(member_id=member_id, before=_before(request.GET.get("before")))
    values = _rows(page)
    if request.htmx and "before" in request.GET:  # type: ignore[attr-defined]
        return render(request, "h5/members/_messages.html", values)
    return render(request, "h5/members/messages.html", values | {"back_url": link_to("mall:member-centre") or "/"})


@require_safe
@member_required
def message_page(request: HttpRequest, message_id: int, *, member_id: int) -> HttpResponse:
    """One message, read from now on."""
    if message_id > _BIGGEST:
        raise NotFound()
    found = message(member_id=member_id, message_id=message_id)
    if found.is_unread:
        with edge_transaction():
            choices.mark_read(member_id=member_id, message_id=message_id, at=timezone.now())
    return render(request, "h5/members/message.html", {"message": _values(found)})


@require_POST
@member_required
def messages_read(request: HttpRequest, *, member_id: int) -> HttpResponse:
    """Everything is read."""
    with edge_transaction():
        count = choices.mark_all_read(member_id=member_id, at=timezone.now())
    toasts.success(request, f"{count} 条消息已标为已读" if count else "没有未读消息")
    return redirect("members:messages")


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
def settings_page(request: HttpRequest, *, member_id: int) -> HttpResponse:
    """The switches by purpose and way, and the e-mail address."""
    found = message_settings(member_id=member_id)
    if request.method == "POST":
        for group in found.groups:
            for one in group.switches:
                is_wanted = f"{one.purpose}-{one.way}" in request.POST
                if is_wanted != one.is_on:
                    _choose(member_id, one.way, one.purpose, is_wanted)
        toasts.success(request, "消息设置已保存")
        return redirect("members:message-settings")
    return _settings(request, member_id)


@require_POST
@member_required
def email_save(request: HttpRequest, *, member_id: int) -> HttpResponse:
    """Keep an address and send the link that confirms it; an empty one removes it."""
    address = request.POST.get("email", "").strip()
    if not address:
        with edge_transaction():
            choices.remove_email(member_id=member_id)
        toasts.success(request, "邮箱已删除")
        return redirect("members:message-settings")
    if _too_often(member_id):
        return _settings(request, member_id, typed=address, fault="确认邮件发得太频繁了，请一小时后再试", status=429)
    try:
        with edge_transaction():
            token = choices.set_email(member_id=member_id, address=address, at=timezone.now())
    except DomainError as refusal:
        return _settings(request, member_id, typed=address, fault=refusal.text, status=422)
    link = request.build_absolute_uri(reverse("members:message-email-confirm", args=[token]))
    try:
        send_confirmation(address=address, link=link)
    except (smtplib.SMTPException, OSError):
        return _settings(request, member_id, fault="确认邮件没有发出去，请稍后再试", status=503)
    toasts.success(request, "确认邮件已发送，请在 24 小时内打开其中的链接")
    return redirect("members:message-settings")


@require_http_methods(["GET", "HEAD", "POST"])
def email_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Where the link in the mail leads: one button, because programs open links too."""
    if request.method != "POST":
        return render(request, "h5/members/message_email.html", {"is_done": False})
    try:
        with edge_transaction():
            choices.confirm_email(token=token, at=timezone.now())
    except DomainError as refusal:
        return render(request, "h5/members/message_email.html", {"fault": refusal.text}, status=400)
    return render(request, "h5/members/message_email.html", {"is_done": True})


def _choose(member_id: int, way: str, purpose: str, is_wanted: bool) -> None:
    with edge_transaction():
        choices.choose(
            member_id=member_id, way=way, purpose=purpose, is_wanted=is_wanted, source="h5", at=timezone.now()
        )


def _too_often(member_id: int) -> bool:
    try:
        return count_in_window(name=f"message-email:{member_id}", seconds=3600).times > _EMAILS_AN_HOUR
    except redis.RedisError:
        return False


def _settings(
    request: HttpRequest, member_id: int, *, typed: str = "", fault: str = "", status: int = 200
) -> HttpResponse:
    values = {"settings": message_settings(member_id=member_id), "typed": typed, "fault": fault}
    return render(request, "h5/members/message_settings.html", values, status=status)


def _before(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and int(text[:20]) <= _BIGGEST):
        raise NotFound()
    return int(text[:20])


def _rows(page: InboxPage) -> dict[str, Any]:
    following = page.next_before
    return {
        "rows": [_values(row) for row in page.rows],
        "has_unread": any(row.is_unread for row in page.rows),
        "next_url": f"{reverse('members:messages')}?before={following}" if following else "",
    }


def _values(row: InboxRow) -> dict[str, Any]:
    return {
        "url": reverse("members:message", args=[row.id]),
        "title": row.title,
        "body": row.body,
        "link": row.link,
        "icon": row.icon,
        "is_marketing": row.purpose == "marketing",
        "is_unread": row.is_unread,
        "sent_at": row.sent_at,
        "is_today": local_date(row.sent_at) == local_date(timezone.now()),
    }
