"""积分财务月报: what was issued, spent, lapsed, clawed back and outstanding per month, in points and in yuan."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from config.core import policies
from config.core.time import local_date
from members.admin import finance_chart, finance_files
from members.admin.finance_rows import Rates, Row, month_row, shown_columns, together
from points.rules.movements import Column
from points.selectors.months import Month, Months, months

RIGHT = "points.view_finance_report"
_ALL = "all"
WORDS = [
    "未兑付 = 可用 + 待生效 + 冻结：会员已经得到、以后可能兑付的全部积分。待生效的和未付款订单冻结的都算在内；"
    "冻结、解冻和生效只在三者之间移动，不改变未兑付。",
    "期末 = 期初 + 各列变动之和，分毫不差；每个数字都等于点开后那些流水之和。",
    "欠分单列，不抵减未兑付：一位会员欠下的积分，不减少店铺对其他会员的义务。“扣回”只计真正收回的积分，不够扣的记为欠分，"
    "会员以后得到积分时在“抵欠”列减去。",
    "月份按入账时间（北京时间）划分。到期积分在到期后一小时内核销入账，核销前仍在未兑付之内；月底到期的积分计入下个月的“过期”。",
    "“已结”的月份不会再有流水入账，数字不再变动；“未结”的月份实时计算。",
    "合并会员时，转出与转入相抵，合计为 0。",
    "金额 = 积分 ÷ 每元所需积分，四舍五入到分，一律按查看时的兑换比例折算。"
    "每个数字单独折算，所以金额相加可能差几分，积分不会差。",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Report:
    """The chosen year's months and their sum, and what there is to choose."""

    chosen: str
    years: list[str]
    rows: list[Row]
    together: Row | None
    found: Months
    rates: Rates
    at: datetime


@require_safe
@permission_required(RIGHT, raise_exception=True)
def month_report(request: HttpRequest) -> HttpResponse:
    """The page."""
    report = _report(request)
    context = {
        **admin.site.each_context(request),
        "title": "积分财务月报",
        "report": report,
        "columns": _columns(report),
        "lines": [_line(row, report) for row in report.rows],
        "sum_line": _line(report.together, report) if report.together else None,
        "cards": _cards(report),
        "words": WORDS,
        "per_yuan": f"{report.rates.per_yuan:,}",
        "chart": finance_chart.chart(report.rows),
        "chart_options": finance_chart.options(),
        "year_links": [_year_link(year, report.chosen) for year in report.years],
        "files": {kind: f"{reverse('finance-file', args=[kind])}?year={report.chosen}" for kind in ("csv", "xlsx")},
    }
    request.current_app = admin.site.name
    return TemplateResponse(request, "admin/finance/months.html", context)


@require_safe
@permission_required(RIGHT, raise_exception=True)
def month_file(request: HttpRequest, kind: str) -> HttpResponse:
    """The chosen year's months as a file."""
    report = _report(request)
    rows = [*report.rows, *([report.together] if report.together else [])]
    if kind == "csv":
        content = finance_files.csv_file(rows, per_yuan=report.rates.per_yuan, at=report.at)
        content_type = "text/csv; charset=utf-8"
    else:
        content = finance_files.xlsx_file(rows, per_yuan=report.rates.per_yuan, at=report.at, words=WORDS)
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    name = f"points-{report.chosen}-{local_date(report.at):%Y%m%d}.{kind}"
    disposition = f'attachment; filename="{name}"'
    return HttpResponse(content, content_type=content_type, headers={"Content-Disposition": disposition})


def urls() -> list[URLPattern]:
    """The page and its files, behind the log-in of the back office."""
    return [
        path("months/", admin.site.admin_view(month_report), name="finance-months"),
        path("months.<str:kind>", admin.site.admin_view(_file_of_a_known_kind), name="finance-file"),
    ]


def _file_of_a_known_kind(request: HttpRequest, kind: str) -> HttpResponse:
    if kind not in {"csv", "xlsx"}:
        raise Http404
    return month_file(request, kind)


def _report(request: HttpRequest) -> _Report:
    at = timezone.now()
    found = months(asset="points", at=at)
    years = sorted({f"{month.first:%Y}" for month in found.rows}, reverse=True)
    asked = request.GET.get("year", "")
    chosen = asked if asked in {*years, _ALL} else next(iter(years), _ALL)
    rates = Rates(per_yuan=policies.current().points_per_yuan, has_links=request.user.has_perm("points.view_entry"))
    rows = [month for month in found.rows if chosen in {_ALL, f"{month.first:%Y}"}]
    return _Report(
        chosen=chosen,
        years=[*years, _ALL] if len(years) > 1 else years,
        rows=[month_row(month, rates=rates) for month in rows],
        together=_sum_of(rows, chosen, rates),
        found=found,
        rates=rates,
        at=at,
    )


def _sum_of(rows: Sequence[Month], chosen: str, rates: Rates) -> Row | None:
    name = "合计" if chosen == _ALL else f"{chosen} 年"
    return together(rows, name=name, rates=rates) if rows else None


def _columns(report: _Report) -> list[str]:
    shown = shown_columns(report.rows)
    return [figure.title for figure in report.rows[0].figures if figure.title in shown] if report.rows else []


def _line(row: Row, report: _Report) -> dict[str, Any]:
    shown = shown_columns(report.rows)
    return {
        "name": row.name,
        "is_closed": row.is_closed,
        "figures": [figure for figure in row.figures if figure.title in shown],
    }


def _cards(report: _Report) -> list[dict[str, Any]]:
    row = report.together
    if row is None:
        return []
    spell = row.name if report.chosen != _ALL else "全部"
    moved = [(Column.ISSUED, "add_circle"), (Column.SPENT, "redeem"), (Column.LAPSED, "hourglass_bottom")]
    moved.append((Column.CLAWED_BACK, "undo"))
    return [
        {"title": "期末未兑付", "icon": "account_balance", "figure": row.closing},
        *({"title": f"{spell}{row.moved(one).title}", "icon": icon, "figure": row.moved(one)} for one, icon in moved),
        {"title": "欠分（不抵减）", "icon": "contract_delete", "figure": row.owed},
    ]


def _year_link(year: str, chosen: str) -> dict[str, Any]:
    return {"name": "全部" if year == _ALL else f"{year} 年", "url": f"?year={year}", "is_chosen": year == chosen}
