"""A shop that is backed up, changed and restored is the shop that was backed up."""

import hashlib
import io
import json
import stat
import tarfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from config.operations.backups import postgres
from members.models import Member
from points import ledger
from tests.members.factories import a_member


@pytest.fixture
def uploads(settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    (settings.MEDIA_ROOT / "products").mkdir(parents=True)
    (settings.MEDIA_ROOT / "products" / "茶.webp").write_bytes(b"tea" * 1000)
    return settings.MEDIA_ROOT


def counts() -> dict[str, int]:
    """Rows by table."""
    with connection.cursor() as cursor:
        found = {}
        for table in postgres.tables():
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            found[table] = cursor.fetchone()[0]
    return found


def post(member: Member, *, points: int, key: str) -> None:
    with transaction.atomic():
        ledger.earn(account=member.points_account_id, points=points, key=key, source="test", at=timezone.now())


def spendable(member: Member) -> int:
    return ledger.balance(account=member.points_account_id, at=timezone.now()).spendable


def backed_up(folder: Path) -> Path:
    file = folder / "shop.tar"
    call_command("backup", str(file), stdout=io.StringIO())
    return file


def restored(file: Path, *flags: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("restore", str(file), *flags, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def rewritten(file: Path, name: str, content: bytes) -> Path:
    """The same backup with other content under one name."""
    other = file.with_name("tampered.tar")
    with tarfile.open(file) as source, tarfile.open(other, "w") as target:
        for member in source.getmembers():
            read = content if member.name == name else source.extractfile(member).read()
            member.size = len(read)
            target.addfile(member, io.BytesIO(read))
    return other


def test_backup_change_restore_twice(scratch_database: str, uploads: Path, tmp_path: Path) -> None:
    member = a_member()
    post(member, points=500, key="before")
    before = counts()
    file = backed_up(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    picture = uploads / "products" / "茶.webp"
    for _ in range(2):  # the second finds a schema that a restore has made
        post(member, points=250, key="after")
        a_member(phone="13800000002")
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE of_a_later_version (id int)")
        picture.write_bytes(b"overwritten")
        assert (counts() != before, spendable(member)) == (True, 750)
        assert restored(file, "--force")[1] == ""
        assert counts() == before
        assert spendable(member) == 500
        assert ledger.audit() == []
        assert picture.read_bytes() == b"tea" * 1000
    post(member, points=1, key="it goes on")
    again = backed_up(uploads)  # what was restored can be backed up and restored
    restored(again, "--force")
    assert (spendable(member), ledger.audit()) == (501, [])


def test_the_ledger_that_was_restored_still_refuses_to_be_rewritten(
    scratch_database: str, uploads: Path, tmp_path: Path
) -> None:
    post(a_member(), points=500, key="k")
    restored(backed_up(tmp_path), "--force")
    with pytest.raises(DatabaseError, match="append"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM points_entry")


def test_a_database_with_tables_is_left_alone(scratch_database: str, uploads: Path, tmp_path: Path) -> None:
    file = backed_up(tmp_path)
    a_member()
    with pytest.raises(CommandError, match="--force"):
        restored(file)
    assert Member.objects.count() == 1


def test_an_empty_database_needs_no_force(scratch_database: str, uploads: Path, tmp_path: Path) -> None:
    a_member()
    before, file = counts(), backed_up(tmp_path)
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    assert postgres.tables() == []
    restored(file)
    assert counts() == before


@pytest.mark.parametrize("name", ["database.dump", "media/products/茶.webp"])
def test_a_backup_that_was_changed_is_refused_and_nothing_happens(
    scratch_database: str, uploads: Path, tmp_path: Path, name: str
) -> None:
    tampered = rewritten(backed_up(tmp_path), name, b"something else")
    a_member()
    (uploads / "products" / "茶.webp").write_bytes(b"newer")
    with pytest.raises(CommandError, match=f"{name} is not what was backed up"):
        restored(tampered, "--force")
    assert Member.objects.count() == 1
    assert (uploads / "products" / "茶.webp").read_bytes() == b"newer"


def test_a_backup_that_was_cut_short_is_refused(scratch_database: str, uploads: Path, tmp_path: Path) -> None:
    file = backed_up(tmp_path)
    short = tmp_path / "short.tar"
    short.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with pytest.raises(CommandError, match=r"no manifest|can't be read"):
        restored(short, "--force")


def test_a_file_that_would_be_written_outside_is_refused(scratch_database: str, uploads: Path, tmp_path: Path) -> None:
    file = backed_up(tmp_path)
    with tarfile.open(file) as tar:
        manifest = json.loads(tar.extractfile("manifest.json").read())
    content = b"evil"
    manifest["sha256"]["media/../../evil"] = hashlib.sha256(content).hexdigest()
    tampered = rewritten(file, "manifest.json", json.dumps(manifest).encode())
    with tarfile.open(tampered, "a") as tar:
        info = tarfile.TarInfo("media/../../evil")
        info.size = len(content)
        tar.addfile(info, io.BytesIO(content))
    with pytest.raises(CommandError, match="outside"):
        restored(tampered, "--force")
    assert not (tmp_path.parent / "evil").exists()


def test_a_backup_of_a_later_version_is_refused(scratch_database: str, uploads: Path, tmp_path: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('mall', '9999_later', now())")
    with pytest.raises(CommandError, match=r"later version of the shop: mall\.9999_later"):
        restored(backed_up(tmp_path), "--force")


def test_no_key_is_in_the_backup_and_other_keys_are_noticed(
    scratch_database: str, uploads: Path, tmp_path: Path, settings
) -> None:
    file = backed_up(tmp_path)
    keys = [settings.SECRET_KEY, settings.BLIND_INDEX_KEY, *(key for _, key in settings.ENCRYPTION_KEYS)]
    assert [key for key in keys if key.encode() in file.read_bytes()] == []
    settings.BLIND_INDEX_KEY = "b3RoZXIgb3RoZXIgb3RoZXIgb3RoZXIgb3RoZXIgb3Q="
    assert "other keys" in restored(file, "--force")[1]


def test_a_backup_never_overwrites_another(scratch_database: str, uploads: Path, tmp_path: Path) -> None:
    file = backed_up(tmp_path)
    was = file.read_bytes()
    with pytest.raises(CommandError, match="exists"):
        backed_up(tmp_path)
    assert file.read_bytes() == was
    assert sorted(path.name for path in tmp_path.iterdir()) == ["media", "shop.tar"]
