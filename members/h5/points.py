"""The points statement, and one entry of it."""

from datetime import datetime
from itertools import groupby
from typing import Any, cast, get_args
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from config.core.errors import NotFound
from config.core.time import local_date
from members.h5.links import link_to
from members.h5.session import member_required
from members.rules.statement import last_day
from members.selectors.centre import assets_of, profile
from members.selectors.lapsing import PendingPoints, pending_points
from members.selectors.statement import EntryInWords, StatementPage, StatementRow, entry_in_words, statement
from points.selectors.entries import Direction

_TABS: dict[Direction, str] = {"all": "全部", "earned": "获得", "spent": "使用", "lapsed": "到期"}
_BIGGEST = 2**63 - 1


@require_safe
@member_required
def statement_page(request: HttpRequest, *, member_id: int) -> HttpResponse:
    """The balance and the entries of one tab; htmx gets the next entries alone."""
    who = profile(member_id=member_id)
    direction = _direction(request.GET.get("type", "all"))
    page = statement(account=who.points_account, direction=direction, before=_before(request.GET.get("before")))
    values: dict[str, Any] = {
        "months": _months(page, after=request.GET.get("month", "")),
        "next_url": _next_url(page, direction),
    }
    if request.htmx and "before" in request.GET:  # type: ignore[attr-defined]
        return render(request, "h5/members/_entries.html", values)
    return render(request, "h5/members/statement.html", values | _head(who, direction, at=timezone.now()))


@require_safe
@member_required
def entry_page(request: HttpRequest, entry_id: int, *, member_id: int) -> HttpResponse:
    """One entry: what it changed, and the lots behind it."""
    if entry_id > _BIGGEST:
        raise NotFound()
    who = profile(member_id=member_id)
    entry = entry_in_words(account=who.points_account, entry_id=entry_id)
    receipt = link_to("campaigns:receipt-of-entry", entry.receipt_entry_id) if entry.receipt_entry_id else ""
    return render(request, "h5/members/entry.html", {"entry": _entry_values(entry), "receipt_url": receipt})


def _direction(text: str) -> Direction:
    return cast(Direction, text) if text in get_args(Direction) else "all"


def _before(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and int(text[:20]) <= _BIGGEST):
        raise NotFound()
    return int(text[:20])


def _head(who: Any, direction: Direction, *, at: datetime) -> dict[str, Any]:
    have = assets_of(who=who, at=at)
    return {
        "points": have.points,
        "pending": have.pending,
        "pending_rows": [_pending(one) for one in pending_points(account=who.points_account)] if have.pending else [],
        "held": have.held,
        "arrears": have.arrears,
        "lapsing_points": have.lapsing_points,
        "lapsing_day": last_day(have.lapsing_at) if have.lapsing_at else None,
        "tabs": [
            {"name": name, "url": f"?type={key}" if key != "all" else "?", "is_current": key == direction}
            for key, name in _TABS.items()
        ],
        "is_all": direction == "all",
        "mall_url": link_to("mall:points-mall"),
        "check_in_url": link_to("campaigns:check-in"),
        "back_url": link_to("mall:member-centre") or "/",
    }


def _pending(one: PendingPoints) -> dict[str, Any]:
    return {
        "title": one.title,
        "icon": "hourglass",
        "note": "待生效，暂不能使用",
        "at": one.earned_at,
        "points": one.points,
        "balance": None,
        "url": reverse("members:entry", args=[one.entry_id]),
    }


def _months(page: StatementPage, *, after: str) -> list[dict[str, Any]]:
    """Entries by month of Shanghai; a month that the page before has opened gets no second heading."""
    groups = groupby(page.rows, key=lambda row: f"{local_date(row.occurred_at):%Y-%m}")
    return [
        {"heading": "" if month == after else _month_name(month), "entries": [_line(row) for row in rows]}
        for month, rows in groups
    ]


def _month_name(month: str) -> str:
    year, number = month.split("-")
    return f"{year} 年 {int(number)} 月"


def _line(row: StatementRow) -> dict[str, Any]:
    return {
        "title": row.title,
        "icon": row.icon,
        "note": row.note,
        "at": row.occurred_at,
        "points": row.points or row.pending,
        "balance": row.spendable_after if row.points or not row.pending else None,
        "url": reverse("members:entry", args=[row.id]),
    }


def _next_url(page: StatementPage, direction: Direction) -> str:
    if page.next_before is None:
        return ""
    month = f"{local_date(page.rows[-1].occurred_at):%Y-%m}"
    query = urlencode({"type": direction, "before": page.next_before, "month": month})
    return f"{reverse('members:statement')}?{query}"


def _entry_values(entry: EntryInWords) -> dict[str, Any]:
    return {
        "title": entry.row.title,
        "points": entry.row.points or entry.row.pending,
        "pending": entry.row.pending,
        "at": entry.row.occurred_at,
        "balance": entry.row.spendable_after,
        "note": entry.note,
        "owed": entry.row.owed,
        "lapsed_before": entry.lapsed_before,
        "forgiven": entry.forgiven,
        "lots": [
            {"points": lot.points, "remaining": lot.remaining, "last_day": _last_day(lot.expires_at)}
            for lot in entry.lots
        ],
        "draws": [
            {"points": draw.points, "earned": draw.earned_at, "last_day": _last_day(draw.expires_at)}
            for draw in entry.draws
        ],
    }


def _last_day(expires_at: datetime | None) -> Any:
    return last_day(expires_at) if expires_at else None
