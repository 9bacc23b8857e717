"""The dashboard that greets the merchant: figures against the period before, trends, what waits.

Each card names the permission it needs; a clerk sees only what a clerk may see.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from analytics import charts
from analytics.selectors import trade
from config.core import policies
from config.core.money import yuan
from config.core.time import day_start, local_date
from mall.admin.own_stores import own_stores
from mall.rules.low_stock import LOW_STOCK
from members.selectors.adjustments import waiting_count
from points.selectors import audits, totals

_PERIODS = {1: "今天", 7: "近 7 天", 30: "近 30 天"}
_BRAND, _AMBER, _SLATE, _RED = "#d9381a", "#f5b041", "#94a3b8", "#f1948a"


@dataclass(frozen=True, kw_only=True)
class Period:
    """The chosen days and the same number of days before them, half-open."""

    days: int
    before: datetime
    since: datetime
    until: datetime

    @property
    def labels(self) -> list[date]:
        """Every Shanghai day of the period."""
        first = local_date(self.since)
        return [first + timedelta(days=n) for n in range(self.days)]


def environment(request: HttpRequest) -> list[str] | None:
    """A badge in the header while the shop runs with demo settings."""
    return ["演示环境", "warning"] if settings.DEBUG else None


def orders_to_ship(request: HttpRequest) -> str:
    """Sidebar badge: paid orders that wait for shipping; nothing when there are none."""
    count = trade.orders_to_ship(stores=own_stores(request))
    return f"{count:,}" if count else ""


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold's dashboard callback: adds plain values for templates/admin/index.html."""
    period = _period(request, at=timezone.now())
    context["spell"] = _spell(period)
    context["periods"] = [
        {"days": days, "name": name, "chosen": days == period.days} for days, name in _PERIODS.items()
    ]
    context["own_stores"] = own_stores(request)
    for permission, fill in _CARDS:
        if request.user.has_perm(permission):
            fill(context, period)
    return context


def _period(request: HttpRequest, *, at: datetime) -> Period:
    chosen = request.GET.get("days", "7")
    days = int(chosen) if chosen in {str(days) for days in _PERIODS} else 7
    today = local_date(at)
    since = day_start(today - timedelta(days=days - 1))
    return Period(
        days=days, before=since - timedelta(days=days), since=since, until=day_start(today + timedelta(days=1))
    )


def _spell(period: Period) -> str:
    """The period in words: which days, and what they are compared with."""
    first, last = period.labels[0], period.labels[-1]
    if first == last:
        return f"{first.month} 月 {first.day} 日，与昨天全天比较"
    return f"{first.month} 月 {first.day} 日 – {last.month} 月 {last.day} 日，与之前 {period.days} 天比较"


def _card(title: str, icon: str, now: int, before: int, *, money: bool = False, url: str = "") -> dict[str, Any]:
    change = None if before == 0 else round((now - before) * 100 / before, 1)
    return {
        "title": title,
        "icon": icon,
        "value": yuan(now) if money else f"{now:,}",
        "change": None if change is None else f"{abs(change):,}%",
        "rises": change is not None and change >= 0,
        "before": yuan(before) if money else f"{before:,}",
        "url": url,
    }


def _trade_cards(context: dict[str, Any], period: Period) -> None:
    own = context["own_stores"]
    now = trade.trade(since=period.since, until=period.until, stores=own)
    before = trade.trade(since=period.before, until=period.since, stores=own)
    orders = reverse("admin:mall_order_changelist")
    context.setdefault("cards", []).extend(
        [
            _card("成交额", "payments", now.gmv_cents, before.gmv_cents, money=True, url=orders),
            _card("成交订单", "receipt_long", now.orders, before.orders, url=orders),
        ]
    )


def _member_cards(context: dict[str, Any], period: Period) -> None:
    now = trade.new_members(since=period.since, until=period.until)
    before = trade.new_members(since=period.before, until=period.since)
    members = reverse("admin:members_member_changelist")
    context.setdefault("cards", []).append(_card("新增会员", "person_add", now, before, url=members))


def _trade_charts(context: dict[str, Any], period: Period) -> None:
    today = local_date(period.until) - timedelta(days=1)
    days = [today - timedelta(days=n) for n in range(29, -1, -1)]
    by_day = trade.gmv_by_day(since=day_start(days[0]), until=period.until, stores=context["own_stores"])
    values = [by_day.get(day, (0, 0))[0] / 100 for day in days]
    context["trade_chart"] = charts.line(_names(days), name="成交额（元）", values=values, color=_BRAND)
    context["trade_is_empty"] = not by_day
    context["line_options"] = charts.time_series_options()


def _best_sellers(context: dict[str, Any], period: Period) -> None:
    best = trade.best_sellers(since=period.since, until=period.until, limit=5, stores=context["own_stores"])
    context["best_sellers"] = {
        "headers": ["商品", "销量", "实付金额"],
        "rows": [[name, f"{sold:,}", yuan(cash)] for _, name, sold, cash in best],
    }


def _points_cards(context: dict[str, Any], period: Period) -> None:
    now = totals.totals(asset="points", since=period.since, until=period.until)
    before = totals.totals(asset="points", since=period.before, until=period.since)
    outstanding = totals.outstanding(asset="points")
    entries = reverse("admin:points_entry_changelist") + "?account__asset__exact=points"
    worth = int(outstanding * policies.current().cents_per_point)
    context.setdefault("cards", []).extend(
        [
            _card("发放积分", "add_circle", now.issued, before.issued, url=entries),
            _card("消耗积分", "redeem", now.spent, before.spent, url=entries),
            {
                "title": "未兑付积分",
                "icon": "account_balance",
                "value": f"{outstanding:,}",
                "note": f"约合 {yuan(worth)}",
                "url": reverse("admin:points_account_changelist") + "?asset__exact=points",
            },
        ]
    )


def _points_chart(context: dict[str, Any], period: Period) -> None:
    today = local_date(period.until) - timedelta(days=1)
    days = [today - timedelta(days=n) for n in range(13, -1, -1)]
    by_day = totals.daily_totals(asset="points", since=day_start(days[0]), until=period.until)
    series: list[tuple[str, Callable[[totals.Totals], int], str]] = [
        ("发放", lambda t: t.issued, _BRAND),
        ("消耗", lambda t: -t.spent, _SLATE),
        ("过期", lambda t: -t.lapsed, _AMBER),
        ("扣回", lambda t: -t.clawed_back, _RED),
    ]
    context["points_chart"] = charts.bars(
        _names(days),
        [(name, [pick(by_day[day]) if day in by_day else 0 for day in days], color) for name, pick, color in series],
    )
    context["points_is_empty"] = not by_day
    context["bar_options"] = charts.time_series_options(stacked=True)


def _tier_chart(context: dict[str, Any], period: Period) -> None:
    rows = trade.members_by_tier()
    context["tier_chart"] = charts.doughnut([(name, count, color) for name, color, count in rows])
    context["tier_rows"] = [{"name": name, "count": f"{count:,}"} for name, _, count in rows]
    context["doughnut_options"] = charts.doughnut_options()


def _order_todos(context: dict[str, Any], period: Period) -> None:
    own = context["own_stores"]
    unpaid, to_ship = trade.orders_unpaid(stores=own), trade.orders_to_ship(stores=own)
    orders = reverse("admin:mall_order_changelist")
    context.setdefault("todos", []).extend(
        [
            _todo("待发货订单", "local_shipping", to_ship, f"{orders}?status__exact=paid"),
            _todo("待付款订单", "hourglass_top", unpaid, f"{orders}?status__exact=created"),
        ]
    )


def _stock_todos(context: dict[str, Any], period: Period) -> None:
    low = trade.skus_low_in_stock(below=LOW_STOCK, stores=context["own_stores"])
    stock = reverse("admin:mall_stock_changelist")
    context.setdefault("todos", []).append(
        _todo(f"库存不足 {LOW_STOCK} 件", "production_quantity_limits", low, f"{stock}?low=1")
    )


def _adjustment_todos(context: dict[str, Any], period: Period) -> None:
    url = f"{reverse('admin:members_adjustmentrequest_changelist')}?state=pending"
    if waiting := waiting_count(at=timezone.now()):
        context.setdefault("todos", []).append(_todo("待审批的积分调整", "approval", waiting, url))


def _ledger_alarm(context: dict[str, Any], period: Period) -> None:
    """What the last audit of the ledger found, in red on top of everything."""
    alarm = audits.alarm(at=timezone.now())
    if alarm is None:
        return
    day = local_date(alarm.started_at)
    found = "没有做完" if alarm.found is None else f"发现 {alarm.found:,} 处差异"
    context["alarm"] = {
        "title": f"积分账本核对{found}",
        "words": f"{day.month} 月 {day.day} 日的核对。请先不要手工调整积分，查看明细并联系技术人员。",
        "url": reverse("admin:points_auditrun_change", args=[alarm.run_id]),
    }


def _letter_todos(context: dict[str, Any], period: Period) -> None:
    dead = trade.dead_letters()
    if dead:
        url = f"{reverse('admin:outbox_delivery_changelist')}?state__exact=dead"
        context.setdefault("todos", []).append(_todo("投递失败的事件", "report", dead, url))


def _todo(title: str, icon: str, count: int, url: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "count": f"{count:,}", "is_open": count > 0, "url": url}


def _names(days: list[date]) -> list[str]:
    return [f"{day:%m-%d}" for day in days]


_CARDS: list[tuple[str, Callable[[dict[str, Any], Period], None]]] = [
    ("mall.view_order", _trade_cards),
    ("members.view_member", _member_cards),
    ("points.view_entry", _points_cards),
    ("mall.view_order", _trade_charts),
    ("mall.view_order", _best_sellers),
    ("points.view_entry", _points_chart),
    ("members.view_member", _tier_chart),
    ("mall.view_order", _order_todos),
    ("mall.view_stock", _stock_todos),
    ("members.approve_adjustmentrequest", _adjustment_todos),
    ("outbox.view_delivery", _letter_todos),
    ("points.view_auditrun", _ledger_alarm),
]
