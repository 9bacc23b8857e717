"""Accounts: opening, locking, reading and auditing them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from config.core.db import Ask, fetch_all, fetch_one, fetch_prepared, transaction_required
from points.ledger.kernel import instant
from points.ledger.refusals import AccountNotFound
from points.ledger.values import Balance, Discrepancy

_BALANCE_WITH_GROWTH = """
SELECT balance.*, (
    SELECT coalesce(sum(lot.remaining), 0)::bigint FROM points_lot AS lot
    WHERE lot.account_id = %(growth_account)s AND lot.is_open AND NOT lot.pending
        AND lot.earned_at > coalesce(%(since)s, '-infinity'::timestamptz)
)
FROM ledger_balance(%(account)s, %(at)s) AS balance
"""


@transaction_required
def open_account(*, asset: str) -> int:
    """The id of a new empty account of `points` or `growth`."""
    return open_accounts(asset=asset, count=1)[0]


@transaction_required
def open_accounts(*, asset: str, count: int) -> list[int]:
    """The ids of `count` new empty accounts, in one statement."""
    rows = fetch_all("SELECT * FROM ledger_open_accounts(%(asset)s, %(count)s)", {"asset": asset, "count": count})
    return [account for (account,) in rows]


@transaction_required
def lock(*, accounts: Sequence[int]) -> None:
    """Lock accounts in id order until the transaction ends, to post to several. Raises AccountNotFound."""
    row = fetch_one("SELECT ledger_lock(%(accounts)s::bigint[])", {"accounts": list(accounts)})
    if row and row[0]:
        raise AccountNotFound(account=row[0][0])


def balance(*, account: int, at: datetime) -> Balance:
    """What the account has at `at`, without what has lapsed. Raises AccountNotFound."""
    row = fetch_prepared("SELECT * FROM ledger_balance(%(account)s, %(at)s)", {"account": account, "at": instant(at)})
    if row is None:
        raise AccountNotFound(account=account)
    return _balance(*row)


def balance_with_growth(
    *, account: int, growth_account: int, since: datetime | None, at: datetime
) -> Ask[tuple[Balance, int]]:
    """The question of `balance`, and of what remains of the lots that `growth_account` earned after `since`."""

    def read(rows: list[tuple[Any, ...]]) -> tuple[Balance, int]:
        if not rows:
            raise AccountNotFound(account=account)
        *row, growth = rows[0]
        return _balance(*row), growth

    params = {"account": account, "at": instant(at), "growth_account": growth_account, "since": since}
    return Ask(sql=_BALANCE_WITH_GROWTH, params=params, read=read)


def _balance(
    spendable: int, pending: int, held: int, arrears: int, moments: list[datetime], lapsing: list[int]
) -> Balance:
    return Balance(
        spendable=spendable,
        pending=pending,
        held=held,
        arrears=arrears,
        lapsing=list(zip(moments, lapsing, strict=True)),
    )


def balance_as_of(*, account: int, at: datetime) -> int:
    """Spendable points at a past instant, as the entries known today tell it. Raises AccountNotFound."""
    row = fetch_one("SELECT ledger_balance_as_of(%(account)s, %(at)s)", {"account": account, "at": instant(at)})
    if row is None or row[0] is None:
        raise AccountNotFound(account=account)
    points: int = row[0]
    return points


def audit(*, accounts: Sequence[int] | None = None) -> list[Discrepancy]:
    """Every sum of the ledger that doesn't hold, of all accounts or of some. Empty is right."""
    rows = fetch_all(
        "SELECT rule, account, subject, expected, actual FROM ledger_audit(%(accounts)s::bigint[])",
        {"accounts": None if accounts is None else list(accounts)},
    )
    return [
        Discrepancy(rule=rule, account=account, subject=subject, expected=expected, actual=actual)
        for rule, account, subject, expected, actual in rows
    ]
