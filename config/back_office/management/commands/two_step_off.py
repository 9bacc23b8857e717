"""manage.py two_step_off: for the only owner, whose phone and backup codes are both gone."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.back_office.two_step import devices
from config.core.db import edge_transaction


class Command(BaseCommand):
    """Whoever may run commands on the server may already read the database."""

    help = "关闭一个员工账号的两步验证（店主在后台也能为员工重置）"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        user = get_user_model().objects.filter(username=options["username"], is_staff=True).first()
        if user is None:
            raise CommandError(f"没有这个员工账号：{options['username']}")
        with edge_transaction():
            was_on = devices.switch_off(user_id=user.pk)
        self.stdout.write("两步验证已关闭，下次登录只需要密码" if was_on else "这个账号没有开启两步验证")
