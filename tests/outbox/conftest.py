"""A registry of one's own, a broker that only takes notes, and a table in which handlers leave their effect."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from config.core.db import fetch_all
from config.outbox import subscriptions
from config.outbox.services import nudging

AT = datetime(2026, 11, 11, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the test's handlers listen."""
    monkeypatch.setattr(subscriptions, "_subscriptions", {})


@pytest.fixture(autouse=True)
def nudges(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """What would have been sent to the broker."""
    sent: list[tuple[str, Any]] = []
    monkeypatch.setattr(nudging, "_send", lambda task, kwargs: sent.append((task, kwargs)) or True)
    return sent


class Effects:
    """Rows that handlers wrote, in the transaction of their delivery."""

    def write(self, note: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO outbox_test_effect (note) VALUES (%s)", [note])

    def notes(self) -> list[str]:
        return [row[0] for row in fetch_all("SELECT note FROM outbox_test_effect ORDER BY id", {})]


@pytest.fixture
def effects(transactional_db: None) -> Iterator[Effects]:
    """An empty table of effects, for tests with real commits."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS outbox_test_effect")
        cursor.execute("CREATE TABLE outbox_test_effect (id bigserial PRIMARY KEY, note text NOT NULL)")
    yield Effects()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE outbox_test_effect")
