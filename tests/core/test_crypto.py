import base64
import secrets
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from config.core.crypto import DecryptionFailed, blind_index, decrypt, encrypt
from config.outbox.models import IdempotencyKey


def key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


@given(st.text(max_size=200))
def test_what_is_sealed_opens_again(text: str):
    assert decrypt(encrypt(text, context="a.b"), context="a.b") == text


def test_the_same_text_is_sealed_differently_each_time():
    assert encrypt("张三", context="a.b") != encrypt("张三", context="a.b")


def test_a_value_moved_to_another_column_does_not_open():
    with pytest.raises(DecryptionFailed):
        decrypt(encrypt("张三", context="members.member.name"), context="members.member.phone")


def test_a_rotated_key_still_opens_and_the_new_one_seals(settings: Any):
    old, new = ("k1", key()), ("k2", key())
    settings.ENCRYPTION_KEYS = [old]
    sealed = encrypt("张三", context="a.b")
    settings.ENCRYPTION_KEYS = [new, old]
    assert decrypt(sealed, context="a.b") == "张三"
    assert encrypt("张三", context="a.b").startswith("k2:")
    settings.ENCRYPTION_KEYS = [new]
    with pytest.raises(DecryptionFailed, match="unknown key 'k1'"):
        decrypt(sealed, context="a.b")


def test_another_secret_under_the_same_name_does_not_open(settings: Any):
    settings.ENCRYPTION_KEYS = [("k1", key())]
    sealed = encrypt("张三", context="a.b")
    settings.ENCRYPTION_KEYS = [("k1", key())]
    with pytest.raises(DecryptionFailed, match="does not open"):
        decrypt(sealed, context="a.b")


@pytest.mark.parametrize("cut", [0, 4, 8, 20, -4])
def test_a_value_cut_short_does_not_open(cut: int):
    name, _, body = encrypt("张三", context="a.b").partition(":")
    with pytest.raises(DecryptionFailed, match="does not open"):
        decrypt(f"{name}:{body[:cut]}", context="a.b")


@pytest.mark.parametrize("token", ["", "张三", "k1", "nobody:AAAA"])
def test_what_was_never_sealed_does_not_open(token: str, settings: Any):
    settings.ENCRYPTION_KEYS = [("k1", key())]
    with pytest.raises(DecryptionFailed):
        decrypt(token, context="a.b")


def test_a_blind_index_is_equal_for_equal_values_of_one_purpose_only(settings: Any):
    phone = blind_index("13800000001", purpose="phone")
    assert len(phone) == 64
    assert phone == blind_index("13800000001", purpose="phone")
    assert phone != blind_index("13800000002", purpose="phone")
    assert phone != blind_index("13800000001", purpose="openid")
    settings.BLIND_INDEX_KEY = key()
    assert phone != blind_index("13800000001", purpose="phone")


def stored(body: str) -> IdempotencyKey:
    return IdempotencyKey.objects.create(scope="s", key="k", fingerprint="f", body=body, created_at=timezone.now())


def raw() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM outbox_idempotencykey")
        (value,) = cursor.fetchone()
    return str(value)


@pytest.mark.django_db
def test_an_encrypted_field_is_sealed_in_the_table_and_plain_in_python():
    row = stored("张三")
    assert "张三" not in raw()
    assert decrypt(raw(), context="outbox.idempotencykey.body") == "张三"
    row.refresh_from_db()
    assert row.body == "张三"
    assert list(IdempotencyKey.objects.values_list("body", flat=True)) == ["张三"]


@pytest.mark.django_db
def test_every_way_of_writing_seals():
    row = stored("一")
    IdempotencyKey.objects.update(body="二")
    assert (decrypt(raw(), context="outbox.idempotencykey.body"), IdempotencyKey.objects.get().body) == ("二", "二")
    row.body = "三"
    IdempotencyKey.objects.bulk_update([row], ["body"])
    assert (decrypt(raw(), context="outbox.idempotencykey.body"), IdempotencyKey.objects.get().body) == ("三", "三")


@pytest.mark.django_db
def test_empty_stays_empty():
    stored("")
    assert raw() == ""
    assert IdempotencyKey.objects.get().body == ""


@pytest.mark.parametrize("lookup", ["body", "body__contains", "body__in", "body__gt"])
def test_looking_an_encrypted_field_up_is_refused(lookup: str):
    with pytest.raises(TypeError, match="blind index"):
        IdempotencyKey.objects.filter(**{lookup: "张三"})


@pytest.mark.django_db
def test_an_encrypted_field_may_be_asked_whether_it_is_there():
    assert IdempotencyKey.objects.filter(body__isnull=True).count() == 0
