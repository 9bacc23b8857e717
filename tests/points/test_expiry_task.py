"""The hourly task books what has lapsed, chunk by chunk."""

from typing import Any

import pytest
from django.db import transaction

from points import ledger, tasks
from points.models import Entry

from .conftest import day, earn

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the task puts back on the queue."""
    calls: list[dict[str, Any]] = []
    monkeypatch.setattr(tasks.expire, "apply_async", lambda *, kwargs: calls.append(kwargs))
    return calls


def test_each_run_books_a_chunk_and_queues_the_next_with_the_same_moment(queued):
    with transaction.atomic():
        for account in ledger.open_accounts(asset="points", count=5):
            earn(account, 10, until=5)
    moment = day(6).isoformat()
    tasks.expire(at=moment, limit=2)
    assert queued == [{"at": moment, "limit": 2}]
    assert Entry.objects.filter(kind="expire").count() == 2
    for _ in range(2):
        tasks.expire(**queued[0])
    assert len(queued) == 2, "the third chunk was not full"
    tasks.expire(**queued[0])
    assert len(queued) == 2, "a run too many books nothing"
    assert Entry.objects.filter(kind="expire").count() == 5
    assert ledger.audit() == []


def test_without_a_moment_it_books_up_to_now(queued):
    with transaction.atomic():
        account = ledger.open_account(asset="points")
        ledger.earn(account=account, points=5, key="k", source="s", at=day(-400), expires_at=day(-300))
        ledger.earn(account=account, points=7, key="l", source="s", at=day(-400), expires_at=day(36500))
    tasks.expire()
    assert ledger.balance(account=account, at=day(0)).spendable == 7
    assert queued == []
