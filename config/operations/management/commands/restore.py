"""`manage.py restore FILE`."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.operations.backups.refusals import BackupRefused
from config.operations.backups.restoring import has_other_keys, restore


class Command(BaseCommand):
    """Put a backup back."""

    help = "Put a backup in place of database and uploads. Stop web, worker and beat first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--force", action="store_true", help="replace a database that has tables")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            manifest = restore(file=options["file"], is_forced=options["force"])
        except BackupRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"restored: the shop as of {manifest.made_at}. Next: manage.py migrate")
        if has_other_keys(manifest):
            warning = "This installation has other keys: what the backup has sealed can't be read until it has those."
            self.stderr.write(self.style.WARNING(warning))
