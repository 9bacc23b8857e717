"""Answers to API writes, kept with the effect they report."""

import json
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from config.core.db import transaction_required
from config.core.errors import DomainError
from config.outbox.models import IdempotencyKey

ANSWERS_KEPT: Final = timedelta(hours=24)


class IdempotencyKeyReused(DomainError):
    """The key was used for another request."""

    code = "idempotency_key_reused"
    message = "这个幂等键已用于另一个请求，请换一个新的键"
    http_status = 422


class Answer(NamedTuple):
    """What the first request was answered."""

    status_code: int
    body: Any


@transaction_required
def claim(*, scope: str, key: str, fingerprint: str, at: datetime) -> Answer | None:
    """The stored answer of that request, or None: then the key is ours until the transaction ends.

    A concurrent request with the key waits here for the first one's end. An answer that is a day old counts as none,
    whether or not it has been pruned yet. Raises IdempotencyKeyReused.
    """
    ours = IdempotencyKey(scope=scope, key=key, fingerprint=fingerprint, created_at=at)
    IdempotencyKey.objects.bulk_create([ours], ignore_conflicts=True)
    row = IdempotencyKey.objects.select_for_update().get(scope=scope, key=key)
    if row.created_at <= at - ANSWERS_KEPT:
        _begin_anew(row, fingerprint, at)
    if row.fingerprint != fingerprint:
        raise IdempotencyKeyReused
    if row.status_code is None:
        return None
    return Answer(row.status_code, json.loads(row.body))


@transaction_required
def keep(*, scope: str, key: str, answer: Answer) -> None:
    """Store the answer beside its effect."""
    row = IdempotencyKey.objects.get(scope=scope, key=key)
    row.status_code, row.body = answer.status_code, json.dumps(answer.body, ensure_ascii=False)
    row.save(update_fields=["status_code", "body"])


def _begin_anew(row: IdempotencyKey, fingerprint: str, at: datetime) -> None:
    row.fingerprint, row.status_code, row.body, row.created_at = fingerprint, None, "", at
    row.save(update_fields=["fingerprint", "status_code", "body", "created_at"])
