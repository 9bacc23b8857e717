"""Sealing anew: every sealed column, in chunks that may be killed, and nothing is lost."""

import ast
import base64
import json
import os
import secrets
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connection

from config.core import key_rotation
from config.core.crypto import EncryptedTextField, blind_index, encrypt
from config.core.key_rotation import left, reseal_chunk, sealed_columns
from config.outbox.models import IdempotencyKey
from members.models import Member
from tests.members.factories import AT, a_clerk, a_member

ROOT = Path(__file__).resolve().parents[2]
BODY = "outbox.idempotencykey.body"
# what seals besides fields: minutes-long secrets in sessions, tickets and the cache, which nobody needs to seal anew
SHORT_LIVED = {"config/back_office/two_step/pages.py", "members/services/identities.py", "members/wechat/tokens.py"}


def a_key(name: str) -> tuple[str, str]:
    return name, base64.b64encode(secrets.token_bytes(32)).decode()


@pytest.fixture
def keys(settings: Any) -> list[tuple[str, str]]:
    """Old and new key; the old one seals until the test puts the new one first."""
    settings.ENCRYPTION_KEYS = [a_key("old")]
    return [a_key("new"), *settings.ENCRYPTION_KEYS]


def some_answers(count: int) -> None:
    IdempotencyKey.objects.bulk_create(
        [IdempotencyKey(scope="t", key=f"{n}", fingerprint="f", body=f"答 {n}", created_at=AT) for n in range(count)]
    )


def names_of_keys() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT split_part(body, ':', 1), count(*) FROM outbox_idempotencykey GROUP BY 1")
        return dict(cursor.fetchall())


def body_column() -> key_rotation.SealedColumn:
    return next(one for one in sealed_columns() if one.context == BODY)


def rotated(**options: Any) -> str:
    out = StringIO()
    call_command("rotate_keys", stdout=out, **options)
    return out.getvalue()


def test_every_sealed_field_of_every_model_is_found() -> None:
    fields = {
        field.context
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if isinstance(field, EncryptedTextField) and field.model is model
    }
    assert {column.context for column in sealed_columns()} == fields
    assert fields >= {
        BODY,
        "back_office.twostepdevice.secret",
        "mall.order.address",
        "mall.order.recipient",
        "mall.order.recipient_phone",
        "members.address.detail",
        "members.identity.openid",
        "members.member.birthday",
        "members.member.name",
        "members.member.phone",
    }


def test_nothing_else_seals_what_lasts() -> None:
    """A place that calls `encrypt` by itself would be left behind by a rotation: it is on the list, or a field."""
    found = set()
    for room in ("config", "points", "members", "mall", "campaigns", "analytics"):
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                is_of_crypto = isinstance(node, ast.ImportFrom) and node.module == "config.core.crypto"
                if is_of_crypto and "encrypt" in {alias.name for alias in node.names}:
                    found.add(str(path.relative_to(ROOT)))
    assert found - {"config/core/key_rotation.py"} <= SHORT_LIVED


@pytest.mark.django_db(transaction=True)
def test_everything_is_sealed_anew_and_reads_as_before(settings: Any, keys: Any) -> None:
    member, index = a_member(), blind_index("13800000001", purpose="phone")
    some_answers(3)
    settings.ENCRYPTION_KEYS = keys
    assert "left under old: outbox.idempotencykey.body 3" in rotated(dry_run=True)
    assert names_of_keys() == {"old": 3}
    assert rotated().endswith("left under old keys: 0\n")
    settings.ENCRYPTION_KEYS = keys[:1]  # the old key is thrown away
    assert [row.body for row in IdempotencyKey.objects.order_by("pk")] == ["答 0", "答 1", "答 2"]
    kept = Member.objects.get(pk=member.pk)
    assert (kept.phone, kept.phone_index) == (member.phone, member.phone_index)
    assert blind_index("13800000001", purpose="phone") == index


@pytest.mark.django_db(transaction=True)
def test_the_secret_of_a_second_step_is_sealed_anew(settings: Any, keys: Any) -> None:
    from config.back_office.models import TwoStepDevice

    TwoStepDevice.objects.create(user=a_clerk(), secret="JBSWY3DP", enabled_at=AT, last_step=0)
    settings.ENCRYPTION_KEYS = keys
    rotated()
    settings.ENCRYPTION_KEYS = keys[:1]
    assert TwoStepDevice.objects.get().secret == "JBSWY3DP"


@pytest.mark.django_db
def test_a_chunk_is_bounded_and_the_next_one_goes_on(settings: Any, keys: Any) -> None:
    some_answers(5)
    settings.ENCRYPTION_KEYS = keys
    first = reseal_chunk(column=body_column(), limit=2)
    assert (first.resealed, first.unopened, names_of_keys()) == (2, 0, {"new": 2, "old": 3})
    second = reseal_chunk(column=body_column(), after=first.last, limit=2)
    third = reseal_chunk(column=body_column(), after=second.last, limit=2)
    assert ((second.resealed, third.resealed), third.last) == ((2, 1), None)
    assert left(column=body_column()) == {}
    assert reseal_chunk(column=body_column(), limit=2).resealed == 0


@pytest.mark.django_db
def test_a_value_written_meanwhile_is_not_overwritten(settings: Any, keys: Any, monkeypatch: Any) -> None:
    some_answers(1)
    settings.ENCRYPTION_KEYS = keys
    seal = key_rotation.encrypt

    def seal_late(text: str, *, context: str) -> str:
        IdempotencyKey.objects.update(body="新的")
        return seal(text, context=context)

    monkeypatch.setattr(key_rotation, "encrypt", seal_late)
    assert reseal_chunk(column=body_column(), limit=10).resealed == 0
    assert IdempotencyKey.objects.get().body == "新的"


@pytest.mark.django_db(transaction=True)
def test_what_no_key_opens_stays_and_is_reported(settings: Any, keys: Any) -> None:
    some_answers(2)
    lost = [a_key("lost")]
    settings.ENCRYPTION_KEYS = lost
    sealed = encrypt("x", context=BODY)
    settings.ENCRYPTION_KEYS = keys
    with connection.cursor() as cursor:
        cursor.execute("UPDATE outbox_idempotencykey SET body = %s WHERE key = '0'", [sealed])
    with pytest.raises(CommandError, match="some values were not sealed anew"):
        rotated()
    assert left(column=body_column()) == {"lost": 1}
    assert names_of_keys() == {"lost": 1, "new": 1}


@pytest.mark.django_db(transaction=True)
def test_killed_again_and_again_it_goes_on_and_loses_nothing(settings: Any, keys: Any) -> None:
    settings.ENCRYPTION_KEYS = keys[1:]
    some_answers(400)
    settings.ENCRYPTION_KEYS = keys
    left_before = 400
    for _ in range(2):
        process = _start(keys)
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith(f"{BODY}:") and "so far" in line:
                process.kill()
                break
        process.stdout.close()
        assert process.wait(timeout=30) == -9
        left_now = sum(left(column=body_column()).values())
        assert 0 < left_now < left_before
        assert [row.body for row in IdempotencyKey.objects.order_by("pk")] == [f"答 {n}" for n in range(400)]
        left_before = left_now
    printed, _ = _start(keys).communicate(timeout=120)
    assert printed.endswith("left under old keys: 0\n")
    settings.ENCRYPTION_KEYS = keys[:1]
    assert [row.body for row in IdempotencyKey.objects.order_by("pk")] == [f"答 {n}" for n in range(400)]


def _start(keys: list[tuple[str, str]]) -> "subprocess.Popen[str]":
    """The command, two values per transaction, on this test's database."""
    code = (
        "import os, json, django\n"
        "from django.conf import settings\n"
        "settings.DATABASES['default']['NAME'] = os.environ['KEYS_TEST_DATABASE']\n"
        "settings.ENCRYPTION_KEYS = [tuple(pair) for pair in json.loads(os.environ['KEYS_TEST_KEYS'])]\n"
        "django.setup()\n"
        "from django.core.management import call_command\n"
        "call_command('rotate_keys', chunk=2)\n"
    )
    return subprocess.Popen(
        [sys.executable, "-u", "-c", code],
        cwd=ROOT,
        env={
            **os.environ,
            "KEYS_TEST_DATABASE": str(connection.settings_dict["NAME"]),
            "KEYS_TEST_KEYS": json.dumps(keys),
            "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", django_settings.SETTINGS_MODULE),
        },
        stdout=subprocess.PIPE,
        text=True,
    )
