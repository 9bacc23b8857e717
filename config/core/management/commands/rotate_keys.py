"""`manage.py rotate_keys`: seal everything anew with the first encryption key."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.core import key_rotation
from config.core.db import edge_transaction


class Command(BaseCommand):
    """Seals all personal data and secrets anew, chunk by chunk; killed, it goes on where it was when run again."""

    help = (
        "Seal everything that older keys of ENCRYPTION_KEYS have sealed with the first one. Run it after a new key was"
        " put first and every process was restarted; when nothing is left under the old keys, they can go."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--chunk", type=int, default=500, help="values per transaction")
        parser.add_argument("--dry-run", action="store_true", help="only say what is left under older keys")

    def handle(self, *args: Any, chunk: int, dry_run: bool, **options: Any) -> None:
        if chunk < 1:
            raise CommandError("--chunk is at least 1")
        self.stdout.write(f"first key: {settings.ENCRYPTION_KEYS[0][0]}")
        columns = key_rotation.sealed_columns()
        if not dry_run:
            for column in columns:
                self._reseal(column, chunk)
        left = {column.context: found for column in columns if (found := key_rotation.left(column=column))}
        for context, found in left.items():
            for key, count in found.items():
                self.stdout.write(f"left under {key}: {context} {count}")
        total = sum(sum(found.values()) for found in left.values())
        self.stdout.write(f"left under old keys: {total}")
        if total and not dry_run:
            raise CommandError(
                "some values were not sealed anew: their keys are missing, or they were written meanwhile"
            )

    def _reseal(self, column: key_rotation.SealedColumn, limit: int) -> None:
        after, resealed, unopened = None, 0, 0
        while True:
            with edge_transaction():
                done = key_rotation.reseal_chunk(column=column, after=after, limit=limit)
            resealed, unopened, after = resealed + done.resealed, unopened + done.unopened, done.last
            if after is None:
                break
            self.stdout.write(f"{column.context}: {resealed} so far")
            self.stdout.flush()
        self.stdout.write(
            f"{column.context}: {resealed} sealed anew" + (f", {unopened} not opened" if unopened else "")
        )
