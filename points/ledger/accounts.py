"""Accounts: opening, locking, reading and auditing them."""

from collections.abc import Sequence
from datetime import datetime

from config.core.db import fetch_all, fetch_one, fetch_prepared, transaction_required
from points.ledger.kernel import instant
from points.ledger.refusals import AccountNotFound
from points.ledger.values import Balance, Discrepancy

_BALANCE_WITH_GROWTH = """
SELECT balance.*, (
    SELECT coalesce(sum(lot.remaining), 0)::bigint FROM points_lot AS lot
    WHERE lot.account_id = %(growth_account)s AND lot.remaining > 0 AND NOT lot.pending
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


def balance_with_growth(*, account: int, growth_account: int, since: datetime | None, at: datetime) -> Balance:
    """`balance`, and as its `growth` what remains of the lots that `growth_account` earned after `since`. One query."""
    params = {"account": account, "at": instant(at), "growth_account": growth_account, "since": since}
    row = fetch_prepared(_BALANCE_WITH_GROWTH, params)
    if row is None:
        raise AccountNotFound(account=account)
    return _balance(*row)


def _balance(
    spendable: int,
    pending: int,
    held: int,
    arrears: int,
    moments: list[datetime],
    lapsing: list[int],
    growth: int | None = None,
) -> Balance:
    return Balance(
        spendable=spendable,
        pending=pending,
        held=held,
        arrears=arrears,
        lapsing=list(zip(moments, lapsing, strict=True)),
        growth=growth,
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
