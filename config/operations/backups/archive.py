"""The tar file: hashed while it is written, checked whole before anything is taken out of it."""

import hashlib
import io
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from config.operations.backups.manifest import Manifest
from config.operations.backups.refusals import BackupRefused

DATABASE = "database.dump"
MEDIA = "media/"
_MANIFEST = "manifest.json"
_CHUNK = 1 << 20


class _Hashed(io.RawIOBase):
    """A file that is hashed as it is read."""

    def __init__(self, source: IO[bytes]) -> None:
        self.source = source
        self.hash = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self.source.read(size)
        self.hash.update(chunk)
        return chunk


def add(tar: tarfile.TarFile, path: Path, *, name: str) -> str:
    """Put the file at `path` into the tar; returns its hash."""
    with path.open("rb") as source:
        info = tar.gettarinfo(arcname=name, fileobj=source)
        info.mode, info.uid, info.gid, info.uname, info.gname = 0o600, 0, 0, "", ""
        hashed = _Hashed(source)
        tar.addfile(info, hashed)
    return hashed.hash.hexdigest()


def add_manifest(tar: tarfile.TarFile, manifest: Manifest) -> None:
    """Close the backup with its manifest: the hashes are known only now."""
    content = manifest.to_json().encode()
    info = tarfile.TarInfo(_MANIFEST)
    info.size, info.mode = len(content), 0o600
    tar.addfile(info, io.BytesIO(content))


def read_verified(tar: tarfile.TarFile) -> Manifest:
    """The manifest, after every file was found to be what it says, and no other. Raises BackupRefused."""
    members = {member.name: member for member in tar.getmembers()}
    if _MANIFEST not in members:
        raise BackupRefused("there is no manifest: this is no backup of the shop, or it was cut short")
    manifest = Manifest.from_json(_open(tar, members.pop(_MANIFEST)).read().decode())
    if set(members) != set(manifest.sha256) or DATABASE not in members:
        raise BackupRefused("the files are not those that the manifest lists")
    for name, member in members.items():
        if _hash_of(_open(tar, member)) != manifest.sha256[name]:
            raise BackupRefused(f"{name} is not what was backed up: its hash differs")
    return manifest


def media_in(manifest: Manifest) -> Iterator[str]:
    """The names of the uploaded files, below MEDIA_ROOT. Raises BackupRefused for one that would leave it."""
    for name in sorted(manifest.sha256):
        if name.startswith(MEDIA):
            relative = Path(name.removeprefix(MEDIA))
            if relative.is_absolute() or ".." in relative.parts:
                raise BackupRefused(f"{name} would be written outside the folder of uploads")
            yield str(relative)


def take_out(tar: tarfile.TarFile, name: str, *, to: Path) -> None:
    """Write that file of the tar to `to`, whole or not at all."""
    to.parent.mkdir(parents=True, exist_ok=True)
    draft = to.with_name(f".{to.name}.restoring")
    with draft.open("wb") as target:
        shutil.copyfileobj(_open(tar, tar.getmember(name)), target, _CHUNK)
    draft.replace(to)


def _open(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    source = tar.extractfile(member) if member.isfile() else None
    if source is None:
        raise BackupRefused(f"{member.name} is no plain file")
    return source


def _hash_of(source: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := source.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()
