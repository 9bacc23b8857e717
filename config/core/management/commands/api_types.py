"""`manage.py api_types`: write docs/api.ts anew."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from drf_spectacular.generators import SchemaGenerator

from config.core.typescript import typescript


class Command(BaseCommand):
    """Writes the TypeScript types of the API's schema."""

    help = "Write the TypeScript types of the API to docs/api.ts."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--file", type=Path, default=Path(settings.BASE_DIR) / "docs" / "api.ts")

    def handle(self, *args: Any, **options: Any) -> None:
        options["file"].write_text(typescript(SchemaGenerator().get_schema(request=None, public=True)))
        self.stdout.write(f"wrote {options['file']}")
