"""manage.py demo: fills an empty shop with the demo, or makes it anew."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from config.core.db import edge_transaction
from config.demo import emptying, night, staff
from config.demo.opening import open_shop
from config.demo.story import Story
from config.outbox.services import deliveries
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
        started = time.monotonic()
        if options["reset"]:
            with self._step("清空数据库"):
                emptying.empty()
        elif Product.objects.exists() or Member.objects.exists():
            if options["if_empty"]:
                return
            raise CommandError("店里已有数据；要清空并重新载入，请用 --reset")
        self._load()
        self.stdout.write(
            f"演示商城已就绪：商品 {Product.objects.count()} 件 · 会员 {Member.objects.count()} 位"
            f" · 订单 {Order.objects.count()} 笔 · 用时 {time.monotonic() - started:.1f} 秒"
        )

    def _load(self) -> None:
        """Set the shop up and play its half year."""
        with connection.cursor() as cursor:  # no step waits for the disk; the last one is on it a moment after the end
            cursor.execute("SET synchronous_commit TO off")
        emptying.remember()
        now = timezone.now()
        with self._step("布置店铺：账号、商品、库存、套餐、渠道和活动"), edge_transaction():
            opened = open_shop(now=now)
        with self._step("重演半年：注册、签到、下单、发货、兑换、退货"):
            Story(now=now, shop=opened.shop).tell(each_month=self._month)
        with self._step("员工的日常：标签、人群、群发、合并、调整积分"):
            staff.work(operator=opened.operator, at=now)
            deliveries.deliver_all(at=now)
        with self._step("夜里的账务：封存流水、结日、核对账本"):
            night.keep_the_books(at=now)
        with connection.cursor() as cursor:
            cursor.execute("RESET synchronous_commit")

    @contextmanager
    def _step(self, title: str) -> Iterator[None]:
        """Say what is being done, and how long it took."""
        started = time.monotonic()
        self.stdout.write(f"· {title} …")
        self.stdout.flush()
        yield
        self.stdout.write(f"  {time.monotonic() - started:.1f} 秒")
        self.stdout.flush()

    def _month(self, at: datetime) -> None:
        self.stdout.write(f"  {timezone.localtime(at):%Y-%m}")
        self.stdout.flush()
