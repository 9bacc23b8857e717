"""An account, a clock that stands still, and short words for what the tests read."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from points import ledger
from points.models import Draw, Entry, Lot

T0 = datetime(2026, 3, 1, 4, tzinfo=UTC)
DAY = timedelta(days=1)


def day(number: float) -> datetime:
    """The instant that many days after the tests' beginning."""
    return T0 + number * DAY


def earn(
    account: int, points: int, *, key: str | None = None, on: float = 0, until: float | None = None
) -> ledger.Entry:
    """Earn on day `on`, to lapse on day `until` (None: never)."""
    return ledger.earn(
        account=account,
        points=points,
        key=key or f"earn:{points}:{on}:{until}",
        source="order:1",
        at=day(on),
        expires_at=None if until is None else day(until),
    )


def spend(account: int, points: int, *, key: str | None = None, on: float = 1) -> ledger.Entry:
    """Spend on day `on`."""
    return ledger.spend(account=account, points=points, key=key or f"spend:{points}:{on}", source="order:2", at=day(on))


def hold(account: int, points: int, *, key: str = "hold", on: float = 1) -> ledger.Hold:
    """Hold on day `on`, for a day."""
    return ledger.hold(account=account, points=points, key=key, source="order:3", until=day(on + 1), at=day(on))


def history(account: int) -> list[tuple[str, int]]:
    """Kind and change of spendable of every entry, in order."""
    return list(Entry.objects.filter(account=account).order_by("id").values_list("kind", "spendable"))


def remaining(account: int) -> list[int]:
    """What is left in each lot, oldest lot first."""
    return list(Lot.objects.filter(account=account).order_by("id").values_list("remaining", flat=True))


def drawn(entry: int) -> list[tuple[int, int]]:
    """(points of the lot, points drawn) of an entry, in order."""
    return list(Draw.objects.filter(entry=entry).order_by("id").values_list("lot__points", "points"))


def buckets(account: int, *, on: float = 1) -> tuple[int, int, int, int]:
    """Spendable, pending, held, arrears on a day."""
    balance = ledger.balance(account=account, at=day(on))
    return balance.spendable, balance.pending, balance.held, balance.arrears


@pytest.fixture
def account(db: None) -> Iterator[int]:
    """An empty points account; after the test every sum of the ledger holds (rule 7)."""
    yield ledger.open_account(asset="points")
    assert ledger.audit() == []


@pytest.fixture
def other(db: None) -> int:
    """Another empty points account."""
    return ledger.open_account(asset="points")


@pytest.fixture
def growth(db: None) -> int:
    """An empty growth account."""
    return ledger.open_account(asset="growth")
