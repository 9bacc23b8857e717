"""`manage.py backup FILE`."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from config.operations.backups.making import make
from config.operations.backups.refusals import BackupRefused


class Command(BaseCommand):
    """Write database and uploads into one file."""

    help = "Write database and uploads into one tar file, without the keys. The shop may run meanwhile."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        try:
            manifest = make(file=file, at=timezone.now())
        except (BackupRefused, OSError) as refusal:
            raise CommandError(str(refusal)) from refusal
        megabytes = file.stat().st_size / 1_000_000
        self.stdout.write(f"{file}: database and {len(manifest.sha256) - 1} uploads, {megabytes:.1f} MB")
        self.stdout.write("The keys (SECRET_KEY, ENCRYPTION_KEYS, BLIND_INDEX_KEY) are not in it: keep them elsewhere.")
