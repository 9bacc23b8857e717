"""`manage.py sync_roles`: make the staff roles, and give them the rights of pages that came with an update."""

from typing import Any

from django.core.management.base import BaseCommand

from config.core.db import edge_transaction
from members.rules.roles import ROLE_NAMES
from members.services.roles import sync_roles


class Command(BaseCommand):
    """Safe to run at any time: what the merchant changed about a role stays."""

    help = "建立默认岗位角色，并补上新页面的权限；商家改过的权限不变"

    def handle(self, *args: Any, **options: Any) -> None:
        with edge_transaction():
            new = sync_roles()
        for code, number in new.items():
            self.stdout.write(f"{ROLE_NAMES.get(code, code)}：新增 {number} 项权限")
