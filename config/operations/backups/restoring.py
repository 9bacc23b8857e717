"""Putting a backup back, with the shop stopped."""

import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings

from config.operations.backups import archive, postgres
from config.operations.backups.manifest import Manifest, fingerprint_of_keys, unknown_migrations
from config.operations.backups.refusals import BackupRefused


def restore(*, file: Path, is_forced: bool) -> Manifest:
    """Verify the backup, then put its uploads and its database in place. Raises BackupRefused.

    A database that has tables is only replaced when `is_forced`. Uploads that the backup doesn't know stay: nothing
    refers to them. The database is the last step and one transaction, so a failure leaves the old one.
    """
    if not is_forced and postgres.tables():
        raise BackupRefused("the database has tables already; --force replaces all of them")
    try:
        with tarfile.open(file) as tar:
            manifest = archive.read_verified(tar)
            if newer := unknown_migrations(manifest):
                raise BackupRefused(f"the backup is of a later version of the shop: {', '.join(newer[:5])}")
            _put_back(tar, manifest, beside=file.resolve().parent)
    except (OSError, tarfile.TarError) as error:
        raise BackupRefused(f"{file} can't be read: {error}") from error
    return manifest


def has_other_keys(manifest: Manifest) -> bool:
    """Whether what is sealed in the backup can't be opened with the keys of this installation."""
    return manifest.keys != fingerprint_of_keys()


def _put_back(tar: tarfile.TarFile, manifest: Manifest, *, beside: Path) -> None:
    for name in list(archive.media_in(manifest)):
        archive.take_out(tar, archive.MEDIA + name, to=Path(settings.MEDIA_ROOT) / name)
    with TemporaryDirectory(prefix=".restore-", dir=beside) as folder:
        dumped = Path(folder) / archive.DATABASE
        archive.take_out(tar, archive.DATABASE, to=dumped)
        postgres.load(dumped)
