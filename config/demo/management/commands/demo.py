"""manage.py demo: fills an empty shop with the demo, or makes it anew."""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.core.db import edge_transaction
from config.demo.shop import set_up
from config.demo.story import Story
from mall.models import Order, Product
from members.models import Member


class Command(BaseCommand):
    """Demo data through the real services."""

    help = "载入演示商城数据；--if-empty 仅在空店时载入；--reset 清空数据库后重新载入"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true")
        parser.add_argument("--reset", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("演示数据只能在 DEBUG 打开时载入")
        if options["reset"]:
            self._empty()
        elif Product.objects.exists() or Member.objects.exists():
            if options["if_empty"]:
                return
            raise CommandError("店里已有数据；要清空并重新载入，请用 --reset")
        story = Story(now=timezone.now())
        with edge_transaction():
            set_up(opened_at=story.opened_at)
        story.tell()
        self.stdout.write(
            f"演示商城已就绪：商品 {Product.objects.count()} 件 · 会员 {Member.objects.count()} 位"
            f" · 订单 {Order.objects.count()} 笔"
        )

    def _empty(self) -> None:
        """Drop every table and migrate again: a truncated ledger would be a ledger that can be truncated."""
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        call_command("migrate", interactive=False, verbosity=0)
