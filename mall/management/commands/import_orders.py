"""manage.py import_orders FILE --format online-retail: loads a till's history."""

import csv
import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from config.core.errors import DomainError
from config.core.money import yuan
from mall.rules.history import calendar
from mall.rules.history.returns import Matcher
from mall.rules.history.rows import BadFile, History, Reject
from mall.rules.history.waves import waves
from mall.services.history import loading
from mall.services.history.files import LAYOUTS, read_history
from mall.services.history.started import Started, started
from mall.services.history.turns import only_import

_WAVE = 1000
_SOURCE = re.compile(r"[a-z0-9][a-z0-9-]{0,14}")


class Command(BaseCommand):
    """Members, products, orders, returns, points and growth of a till's export. Safe to repeat and to kill."""

    help = "导入收银系统的历史订单：会员、商品、订单、退货，并按活动补发积分与成长值"

    def add_arguments(self, parser: CommandParser) -> None:
        """What can be asked for."""
        parser.add_argument("file", type=Path, help="CSV 文件（UTF-8，可用 gzip 压缩）")
        parser.add_argument("--format", choices=sorted(LAYOUTS), required=True, help="文件的格式")
        parser.add_argument("--source", help="来源名，区分不同的店；默认与格式同名")
        parser.add_argument(
            "--campaigns",
            choices=["base", "presets"],
            help="base：每 1 元 1 积分；presets（默认）：视同预设活动一直有效",
        )
        parser.add_argument(
            "--shift", default="auto", help="日期后移多少周；auto（默认）：最后一单落在最近 7 天；0：保留原日期"
        )
        parser.add_argument("--rejects", type=Path, help="未导入行的报告（CSV），默认 var/rejects-来源名.csv")
        parser.add_argument("--dry-run", action="store_true", help="只读取和核对，不写入数据库")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, or say in one sentence why not."""
        try:
            self._import(options)
        except (BadFile, DomainError) as error:
            raise CommandError(str(error)) from error

    def _import(self, options: dict[str, Any]) -> None:
        source, at = _source(options), timezone.now()
        asked = _weeks(options["shift"])
        history = read_history(path=options["file"], layout=options["format"])
        with only_import(source=source):
            begun = started(source=source, history=history)
            if begun:
                begun.check(weeks=asked, campaigns=options["campaigns"])
            run = begun or Started(
                weeks=calendar.weeks_to_shift(last=history.invoices[-1].at, now=at) if asked is None else asked,
                campaigns=options["campaigns"] or "presets",
            )
            calendar.check_shift(history=history, weeks=run.weeks, now=at)
            self._carry_out(history, run, source, options)

    def _carry_out(self, history: History, run: Started, source: str, options: dict[str, Any]) -> None:
        matcher = Matcher(invoice for invoice in history.invoices if invoice.is_return)
        plan = waves(invoices=history.invoices, matcher=matcher, size=_WAVE)
        rejects = sorted([*history.rejects, *matcher.rejects])
        report = options["rejects"] or Path(settings.BASE_DIR) / "var" / f"rejects-{source}.csv"
        _write_rejects(report, rejects)
        self._print_file(history, matcher, len(rejects), report, run)
        if options["dry_run"]:
            self.stdout.write("试运行：没有写入数据库")
            return
        with tqdm(total=sum(map(len, plan)), unit="单", desc="导入", file=self.stderr, mininterval=0.5) as bar:
            loaded = loading.load(
                history=history,
                waves=plan,
                source=source,
                weeks=run.weeks,
                campaigns=run.campaigns,
                at=timezone.now(),
                advance=bar.update,
            )
        self.stdout.write(
            f"已写入：会员订单 {loaded.orders:,} · 散客订单 {loaded.walk_in_orders:,} · 退款 {loaded.refunds:,}"
        )

    def _print_file(self, history: History, matcher: Matcher, rejects: int, report: Path, run: Started) -> None:
        counts = history.counts
        self.stdout.write(
            f"文件：{counts.rows:,} 行 · 单据 {counts.invoices} · 会员 {counts.customers}\n"
            f"净销售：{counts.clean_lines:,} 行 · {counts.clean_cents / 100:.2f}（{yuan(counts.clean_cents)}）\n"
            f"退货行：完全对应 {matcher.full:,} · 部分对应 {matcher.partial:,} · 无法对应 {matcher.unmatched:,}\n"
            f"未导入 {rejects:,} 行，原因见 {report}\n"
            f"日期移动 {run.weeks} 周 · 积分规则 {run.campaigns}"
        )


def _source(options: dict[str, Any]) -> str:
    source: str = options["source"] or options["format"]
    if not _SOURCE.fullmatch(source):
        raise BadFile("--source 应为 1–15 个小写字母、数字或连字符")
    return source


def _weeks(wanted: str) -> int | None:
    """The weeks asked for; None: whatever brings the last invoice into the last 7 days."""
    if wanted == "auto":
        return None
    if not re.fullmatch(r"[0-9]{1,6}", str(wanted)):
        raise BadFile("--shift 应为 0 或正整数周数，或 auto")
    return int(wanted)


def _write_rejects(path: Path, rejects: list[Reject]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8-sig", newline="") as out:
            rows = csv.writer(out)
            rows.writerow(["行号", "单据号", "原因"])
            rows.writerows((reject.line, _plain(reject.invoice), reject.fault.value) for reject in rejects)
    except OSError as error:
        raise BadFile(f"无法写入报告 {path}") from error


def _plain(text: str) -> str:
    """The text as a spreadsheet shows it: never a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
