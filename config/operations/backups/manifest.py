"""The first thing to know of a backup: when it was made, of what, and the hash of every file in it."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from config.operations.backups import postgres
from config.operations.backups.refusals import BackupRefused

FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What stands in manifest.json. `keys` tells whether an installation has the keys; they can't be had from it."""

    format: int
    made_at: str
    postgres: int
    keys: str
    migrations: list[str]
    sha256: dict[str, str]

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read it. Raises BackupRefused for what isn't one of ours."""
        try:
            read = json.loads(text)
            if read["format"] != FORMAT:
                raise BackupRefused(f"this is a backup of format {read['format']}; this version reads {FORMAT}")
            return cls(**read)
        except (ValueError, TypeError, KeyError) as error:
            raise BackupRefused("the manifest can't be read: this is no backup of the shop") from error


def of_this_installation(*, at: datetime, sha256: dict[str, str]) -> Manifest:
    """The manifest of what is here now."""
    applied = sorted(".".join(key) for key in MigrationRecorder(connection).applied_migrations())
    return Manifest(
        format=FORMAT,
        made_at=at.isoformat(),
        postgres=postgres.server_major(),
        keys=fingerprint_of_keys(),
        migrations=applied,
        sha256=sha256,
    )


def fingerprint_of_keys() -> str:
    """Twelve hex digits of a hash over the encryption keys' names and the key of the look-up indexes."""
    names = ",".join(sorted(name for name, _ in settings.ENCRYPTION_KEYS))
    return hashlib.sha256(f"{names}:{settings.BLIND_INDEX_KEY}".encode()).hexdigest()[:12]


def unknown_migrations(manifest: Manifest) -> list[str]:
    """Migrations of the backup that this version of the code doesn't have: the backup is of a later version."""
    return sorted(set(manifest.migrations) - {".".join(key) for key in MigrationLoader(None).disk_migrations})
