"""manage.py import_orders FILE --format online-retail: loads a till's history."""

import csv
import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from config.core.money import yuan
from mall.rules.history import calendar, online_retail
from mall.rules.history.returns import Matcher
from mall.rules.history.rows import BadFile, History, Reject
from mall.rules.history.waves import Wave, waves
from mall.services.history import loading

_READERS = {"online-retail": online_retail.read}
_WAVE = 1000


class Command(BaseCommand):
    """Members, products, orders, returns, points and growth of a till's export. Safe to repeat and to kill."""

    help = "导入收银系统的历史订单：会员、商品、订单、退货，并按活动补发积分与成长值"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--format", choices=sorted(_READERS), required=True)
        parser.add_argument("--campaigns", choices=["base", "presets"], default="presets")
        parser.add_argument("--shift", default="auto", help="移动多少周；auto 让最后一单落在最近 7 天；0 保留原日期")
        parser.add_argument("--rejects", type=Path, help="未导入行的报告（CSV）")
        parser.add_argument("--dry-run", action="store_true", help="只读取和核对，不写入")

    def handle(self, *args: Any, **options: Any) -> None:
        source, at = options["format"], timezone.now()
        history = _read(options["file"], options["format"])
        weeks = _weeks(options["shift"], source, history, at)
        matcher = Matcher()
        plan = waves(history.invoices, matcher, size=_WAVE)
        report = options["rejects"] or Path(settings.BASE_DIR) / "var" / f"rejects-{source}.csv"
        rejects = sorted([*history.rejects, *matcher.rejects], key=lambda reject: reject.line)
        _write_rejects(report, rejects)
        self._print_file(history, matcher, rejects, report, weeks)
        if options["dry_run"]:
            self.stdout.write("试运行：没有写入任何数据")
            return
        self._load(history, plan, source, weeks, options["campaigns"], at)

    def _load(
        self, history: History, plan: list[Wave], source: str, weeks: int, campaigns: str, at: datetime
    ) -> None:
        books = loading.prepare(history=history, source=source, weeks=weeks, at=at)
        with tqdm(total=sum(map(len, plan)), unit="单", desc="导入", file=self.stderr, mininterval=0.5) as bar:
            loaded = loading.load(
                history=history, waves=plan, books=books, campaigns=campaigns, at=at, advance=bar.update
            )
        self.stdout.write(
            f"已写入：会员订单 {loaded.orders:,} · 散客订单 {loaded.walk_in_orders:,} · 退款 {loaded.refunds:,}"
            f"（会员共 {loaded.members:,} 位）"
        )

    def _print_file(
        self, history: History, matcher: Matcher, rejects: list[Reject], report: Path, weeks: int
    ) -> None:
        counts = history.counts
        self.stdout.write(
            f"文件：{counts.rows:,} 行 · 单据 {counts.invoices} · 会员 {counts.customers}\n"
            f"净销售：{counts.clean_lines:,} 行 · {counts.clean_cents / 100:.2f}（{yuan(counts.clean_cents)}）\n"
            f"退货行：完全对应 {matcher.full:,} · 部分对应 {matcher.partial:,} · 无法对应 {matcher.unmatched:,}\n"
            f"未导入 {len(rejects):,} 行，原因见 {report}\n"
            f"日期移动 {weeks} 周"
        )


def _read(path: Path, layout: str) -> History:
    try:
        with _text(path) as lines:
            return _READERS[layout](lines)
    except FileNotFoundError as error:
        raise CommandError(f"找不到文件 {path}") from error
    except UnicodeDecodeError as error:
        raise CommandError("文件不是 UTF-8 编码，请另存为 UTF-8 的 CSV 后再导入") from error
    except (gzip.BadGzipFile, EOFError) as error:
        raise CommandError("压缩文件已损坏或不是 gzip 格式") from error
    except (csv.Error, BadFile) as error:
        raise CommandError(str(error)) from error


@contextmanager
def _text(path: Path) -> Iterator[TextIO]:
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8-sig", newline="") as lines:
            yield lines
    else:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            yield lines


def _weeks(wanted: str, source: str, history: History, at: datetime) -> int:
    started = loading.shift_of_started_import(source=source, history=history)
    if started is not None:
        return started
    if wanted != "auto":
        try:
            return int(wanted)
        except ValueError as error:
            raise CommandError("--shift 应为整数周数或 auto") from error
    if not history.invoices:
        raise CommandError("文件里没有可导入的订单")
    return calendar.weeks_to_shift(last=history.invoices[-1].at, now=at)


def _write_rejects(path: Path, rejects: list[Reject]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["行号", "单据号", "原因"])
        rows.writerows((reject.line, reject.invoice, reject.fault.value) for reject in rejects)
