"""Making a backup while the shop runs."""

import os
import tarfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings

from config.operations.backups import archive, postgres
from config.operations.backups.manifest import Manifest, of_this_installation
from config.operations.backups.refusals import BackupRefused


def make(*, file: Path, at: datetime) -> Manifest:
    """Write the backup to `file`, which only its owner may read; it stands there only when it is whole.

    The database comes first: an upload that it knows is in the files copied after it. Raises BackupRefused.
    """
    if file.exists():
        raise BackupRefused(f"{file} exists; a backup never overwrites another")
    with TemporaryDirectory(prefix=".backup-", dir=file.resolve().parent) as folder:
        dumped, draft = Path(folder) / archive.DATABASE, Path(folder) / "draft.tar"
        manifest = of_this_installation(at=at, sha256={})
        postgres.dump(to=dumped)
        draft.touch(mode=0o600)
        with tarfile.open(draft, "w") as tar:
            manifest.sha256[archive.DATABASE] = archive.add(tar, dumped, name=archive.DATABASE)
            for path, name in _uploads():
                manifest.sha256[name] = archive.add(tar, path, name=name)
            archive.add_manifest(tar, manifest)
        os.link(draft, file)
    return manifest


def _uploads() -> Iterator[tuple[Path, str]]:
    root = Path(settings.MEDIA_ROOT)
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path, archive.MEDIA + path.relative_to(root).as_posix()
