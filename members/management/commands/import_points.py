"""manage.py import_points FILE: the points of members, from another system."""

import csv
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from config.core.errors import DomainError
from members.rules.points_rows import BadFile
from members.services.points_import.files import PointsFile, look_at
from members.services.points_import.loading import Asked, Reject, Totals, distinct, load, only_import

_HEADING = ["手机号", "积分", "到期", "备注", "行号", "原因"]
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Command(BaseCommand):
    """Looks only, unless told to write. Safe to repeat and to kill: a line of a file is booked once."""

    help = "从其他系统导入会员积分（xlsx 或 CSV：手机号、积分、到期、备注）；默认只试运行，加 --commit 才写入"

    def add_arguments(self, parser: CommandParser) -> None:
        """What can be asked for."""
        parser.add_argument("file", type=Path, help="xlsx 或 CSV 文件，第一行是表头")
        parser.add_argument("--commit", action="store_true", help="写入；不加只核对")
        parser.add_argument("--create-members", action="store_true", help="没有的手机号建为会员；不加则列入报告")
        parser.add_argument("--rejects", type=Path, help="未导入行的报告（CSV），默认 var/rejects-points-文件名.csv")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, or say in one sentence why not."""
        path: Path = options["file"]
        report = options["rejects"] or Path(settings.BASE_DIR) / "var" / f"rejects-points-{path.stem}.csv"
        try:
            if report.resolve() == path.resolve():
                raise BadFile("报告不能写在要导入的文件上")
            file = look_at(path)
            with only_import(digest=file.digest), _report(report) as rejects:
                totals = self._run(file, options, rejects)
        except (BadFile, DomainError) as error:
            raise CommandError(str(error)) from error
        self._print(totals, options, report)

    def _run(self, file: PointsFile, options: dict[str, Any], rejects: Any) -> Totals:
        def reject(one: Reject) -> None:
            rejects.writerow([*map(_plain, one.cells), one.line, one.reason])

        doing = "导入" if options["commit"] else "核对"
        with tqdm(total=file.row_count, unit="行", desc=doing, file=self.stderr, mininterval=0.5) as bar:
            totals = load(
                Asked(
                    file=file,
                    at=timezone.now(),
                    commit=options["commit"],
                    create_members=options["create_members"],
                    reject=reject,
                    advance=bar.update,
                )
            )
            bar.total = bar.n  # which was a guess: the heading and empty lines are no rows
            return totals

    def _print(self, totals: Totals, options: dict[str, Any], report: Path) -> None:
        self.stdout.write(
            f"文件：{totals.rows:,} 行 = 可导入 {totals.good:,} + 未导入 {totals.bad:,}\n"
            f"可导入：{totals.points:,} 积分 · {distinct(totals.phones):,} 位会员"
        )
        if totals.before:
            self.stdout.write(f"此前已写入：{totals.before:,} 行 · {totals.before_points:,} 积分")
        if totals.bad:
            self.stdout.write(f"未导入 {totals.bad:,} 行，原因见 {report}；改好后可以直接导入这份报告")
        if not options["commit"]:
            if strangers := distinct(totals.unknown_phones):
                will = "会为它们新建会员" if options["create_members"] else "加 --create-members 可为它们新建会员"
                self.stdout.write(f"{strangers:,} 个手机号还不是会员；{will}")
            self.stdout.write("试运行：没有写入数据库；确认后加 --commit 再运行")
            return
        created = f" · 新建会员 {totals.created:,}" if totals.created else ""
        self.stdout.write(f"本次写入：{totals.new:,} 行 · {totals.new_points:,} 积分{created}")


@contextmanager
def _report(path: Path) -> Iterator[Any]:
    """A CSV for the rows that stay out; it names people, so its owner alone may read it. Raises BadFile."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.fchmod(handle, 0o600)
    except OSError as error:
        raise BadFile(f"无法写入报告 {path}") from error
    with open(handle, "w", encoding="utf-8-sig", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(_HEADING)
        yield rows


def _plain(text: str) -> str:
    """The text as a spreadsheet shows it: never a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
