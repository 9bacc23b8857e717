"""Personal data at rest: AES-GCM with rotating keys, and keyed blind indexes for look-up."""

import base64
import hmac
import os
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

if TYPE_CHECKING:
    _Text = models.TextField[str, str]
else:
    _Text = models.TextField  # Django's fields take no type arguments at run time

_NONCE = 12


class DecryptionFailed(RuntimeError):
    """No configured key opens the value."""


def _keys() -> list[tuple[str, bytes]]:
    return [(name, base64.b64decode(secret)) for name, secret in settings.ENCRYPTION_KEYS]


def encrypt(text: str, *, context: str) -> str:
    """`key-name:base64(nonce + ciphertext + tag)`, bound to `context`: a value can't be moved to another column."""
    name, key = _keys()[0]
    nonce = os.urandom(_NONCE)
    sealed = AESGCM(key).encrypt(nonce, text.encode(), context.encode())
    return f"{name}:{base64.b64encode(nonce + sealed).decode()}"


def decrypt(token: str, *, context: str) -> str:
    """The text that `encrypt` sealed for the same context. Raises DecryptionFailed."""
    name, _, body = token.partition(":")
    key = dict(_keys()).get(name)
    if key is None:
        raise DecryptionFailed(f"unknown key {name!r}")
    try:
        raw = base64.b64decode(body, validate=True)
        return AESGCM(key).decrypt(raw[:_NONCE], raw[_NONCE:], context.encode()).decode()
    except (InvalidTag, ValueError) as error:  # ValueError: cut short, or no base64
        raise DecryptionFailed("sealed value does not open") from error


def blind_index(value: str, *, purpose: str) -> str:
    """64 hex digits that are equal for equal values of one purpose and tell nothing without the key."""
    key = base64.b64decode(settings.BLIND_INDEX_KEY)
    return hmac.new(key, f"{purpose}\0{value}".encode(), sha256).hexdigest()


class EncryptedTextField(_Text):
    """A text column sealed at rest; it can't be filtered on (use a blind index beside it). Empty stays empty."""

    @property
    def context(self) -> str:
        """What its values are bound to: model and column."""
        return f"{self.model._meta.label_lower}.{self.attname}"

    def get_prep_value(self, value: Any) -> Any:
        if value is None or value == "":
            return value
        return encrypt(str(value), context=self.context)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        if value is None or value == "":
            return value
        return decrypt(value, context=self.context)

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name not in {"isnull"}:
            raise TypeError(f"{self.name} is encrypted; look it up by its blind index")
        return super().get_lookup(lookup_name)
