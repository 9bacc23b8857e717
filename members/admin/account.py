"""The account page of a member: what there is, where it came from, when it goes, and every entry."""

from datetime import date, datetime
from typing import Any, cast, get_args
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views import View

from config.core.time import local_date
from members.admin.links import page_of
from members.admin.standing import kind_of
from members.models import Member
from members.rules.statement import last_day
from members.selectors.account import AccountPage, Asset, LotInWords, account_page
from members.selectors.statement import StatementRow
from points.selectors.accounts import OpenHold
from points.selectors.entries import Direction

_ASSETS: dict[Asset, str] = {"points": "积分账户", "growth": "成长值账户"}
_DIRECTIONS: dict[Direction, str] = {"all": "全部", "earned": "获得", "spent": "使用", "lapsed": "过期"}
_BIGGEST = 2**63 - 1
_EARLIEST = date(2000, 1, 1)


class AskedForm(forms.Form):
    """Which account, which entries, and which past day."""

    asset = forms.ChoiceField(required=False, choices=list(_ASSETS.items()))
    type = forms.ChoiceField(required=False, choices=list(_DIRECTIONS.items()))
    before = forms.IntegerField(required=False, min_value=1, max_value=_BIGGEST)
    day = forms.DateField(
        required=False, input_formats=["%Y-%m-%d"], error_messages={"invalid": "日期格式为 2026-11-30"}
    )

    def clean_day(self) -> date | None:
        day: date | None = self.cleaned_data["day"]
        if day is not None and not _EARLIEST <= day <= local_date(timezone.now()):
            raise forms.ValidationError(f"请选择 {_EARLIEST:%Y-%m-%d} 到今天之间的日期")
        return day


class AccountView(View):
    """Reads only; whoever may see the member may see the account."""

    model_admin: Any = None

    def get(self, request: HttpRequest, member_id: int) -> HttpResponse:
        if not self.model_admin.has_view_permission(request):
            raise PermissionDenied
        member = get_object_or_404(Member, pk=member_id)
        form = AskedForm(request.GET)
        form.is_valid()
        asked = form.cleaned_data
        asset = cast(Asset, asked.get("asset") or "points")
        direction = cast(Direction, asked.get("type") or "all")
        at = timezone.now()
        page = account_page(
            account=member.points_account_id if asset == "points" else member.growth_account_id,
            asset=asset,
            direction=direction,
            before=asked.get("before"),
            day=asked.get("day"),
            at=at,
        )
        context = {
            **self.model_admin.admin_site.each_context(request),
            "title": f"{_ASSETS[asset]} · {member}",
            "member_url": reverse("admin:members_member_change", args=[member_id]),
            "is_merged": member.merged_into_id is not None,
            **_frame(asset, direction, asked),
            **_values(page, asset, at=at),
            "day": request.GET.get("day", "")[:10],
            "today": f"{local_date(at):%Y-%m-%d}",
            "day_error": next(iter(form.errors.get("day", [])), ""),
        }
        return render(request, "admin/members/account.html", context)


def _frame(asset: Asset, direction: Direction, asked: dict[str, Any]) -> dict[str, Any]:
    day = f"{asked['day']:%Y-%m-%d}" if asked.get("day") else ""
    return {
        "asset": asset,
        "direction": direction,
        "is_points": asset == "points",
        "assets": [{"name": name, "url": _query(asset=one), "chosen": one == asset} for one, name in _ASSETS.items()],
        "tabs": [
            {"name": name, "url": _query(asset=asset, type=one, day=day), "chosen": one == direction}
            for one, name in _DIRECTIONS.items()
            if asset == "points" or one in get_args(Direction)[:3]
        ],
        "first_url": _query(asset=asset, type=direction, day=day) if asked.get("before") else "",
    }


def _query(**parts: Any) -> str:
    return f"?{urlencode({name: value for name, value in parts.items() if value})}"


def _values(page: AccountPage, asset: Asset, *, at: datetime) -> dict[str, Any]:
    balance = page.balance
    buckets = [
        ("可用积分", balance.spendable),
        ("待生效", balance.pending),
        ("冻结", balance.held),
        ("欠分", balance.arrears),
    ]
    if page.qualifying is not None:
        buckets = [("定级成长值", page.qualifying), ("累计成长值", balance.spendable)]
    following = page.entries.next_before
    return {
        "buckets": [(name, f"{points:,}") for name, points in buckets],
        "lots": [_lot(one) for one in page.lots],
        "has_more_lots": page.has_more_lots,
        "holds": [_hold(one, at) for one in page.holds],
        "entries": [_entry(row) for row in page.entries.rows],
        "next_before": following,
        "at_day_end": None if page.at_day_end is None else f"{page.at_day_end:,}",
    }


def _lot(one: LotInWords) -> dict[str, Any]:
    lot = one.lot
    return {
        "earned_at": lot.earned_at,
        "title": one.title,
        "source": lot.source,
        "kind": kind_of(lot.source),
        "is_moved": lot.origin_id is not None,
        "points": f"{lot.points:,}",
        "remaining": f"{lot.remaining:,}",
        "used_percent": one.used_percent,
        "last_day": last_day(lot.expires_at) if lot.expires_at else None,
        "state": "待生效" if lot.pending else "已到期，待核销" if one.has_lapsed else "",
        "url": page_of("admin:points_entry_change", lot.entry_id),
    }


def _hold(one: OpenHold, at: datetime) -> dict[str, Any]:
    return {
        "held_at": one.held_at,
        "source": one.source,
        "kind": kind_of(one.source),
        "points": f"{one.points:,}",
        "until": one.until,
        "is_overdue": one.until <= at,
        "url": page_of("admin:points_entry_change", one.entry_id),
    }


def _entry(row: StatementRow) -> dict[str, Any]:
    changes = [("待生效", row.pending), ("欠分", row.owed)]
    return {
        "at": row.occurred_at,
        "title": row.title,
        "note": row.note,
        "source": row.source,
        "kind": kind_of(row.source),
        "points": f"{row.points:+,}",
        "look": "mall-plus" if row.points > 0 else "mall-minus" if row.points < 0 else "",
        "others": "，".join(f"{name} {points:+,}" for name, points in changes if points),
        "after": f"{row.spendable_after:,}",
        "url": page_of("admin:points_entry_change", row.id),
    }
