"""manage.py verify_months: adds finance's closed days up again from the entries."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.core.db import edge_transaction
from points.services import day_totals

_SHOWN = 20


class Command(BaseCommand):
    """Every kept sum equals that of its entries, and the accounts hold what the entries say; else exit code 1."""

    help = "用流水重新汇总积分财务月报，核对每个已结日和账户余额"

    def add_arguments(self, parser: CommandParser) -> None:
        """What can be asked for."""
        parser.add_argument(
            "--reopen-from",
            type=date.fromisoformat,
            help="放弃这一天（YYYY-MM-DD）及以后各日的汇总，由定时任务重新汇总",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Check; or, when asked to, let days be closed anew."""
        if options["reopen_from"]:
            with edge_transaction():
                days = day_totals.reopen_days(since=options["reopen_from"])
            self.stdout.write(f"已放弃 {days} 天的汇总，定时任务会重新汇总")
            return
        with edge_transaction():
            differences = day_totals.check_totals(at=timezone.now())
        for one in differences[:_SHOWN]:
            where = f"{one.day or '账户余额'} {one.asset} {one.kind} {one.bucket}"
            self.stdout.write(f"{where}：流水合计 {one.expected:,}，现为 {one.actual:,}")
        if differences:
            raise CommandError(f"有 {len(differences)} 项不一致")
        self.stdout.write("一致：每个已结日的汇总等于流水之和，账户余额等于流水之和")
