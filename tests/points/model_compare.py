"""What kernel and rules hold, in the same words, so that one `==` compares them.

Entries and draws are only ever appended (the database refuses anything else), so each look fetches those that are new.
"""

import json
from datetime import datetime
from typing import Any

from django.db import connection

from points.rules.book import Book
from points.rules.rows import NEVER, Entry

Rows = list[Any]
BUCKETS = ("spendable", "pending", "held", "arrears")
STATUS = {"capture": "captured", "release": "released"}  # of a hold, by the entry that closed it

# Everything about some accounts in one round trip; rows name each other by id, instants are ISO texts in UTC.
_PREPARE = """
    PREPARE what_the_kernel_holds (bigint[], bigint, timestamptz, timestamptz) AS SELECT
        (SELECT jsonb_agg(jsonb_build_array(a.spendable, a.pending, a.held, a.arrears) ORDER BY a.id)
         FROM points_account AS a WHERE a.id = ANY ($1)),
        (SELECT jsonb_agg(jsonb_build_array(
            e.id, e.account_id, e.kind, e.points, e.requested, e.key, e.source, e.occurred_at, e.spendable, e.pending,
            e.held, e.arrears, e.lapsed, e.forgiven, e.spendable_after, e.reverses_id, e.caused_by_id
         ) ORDER BY e.id) FROM points_entry AS e WHERE e.account_id = ANY ($1) AND e.id > $2),
        (SELECT jsonb_agg(jsonb_build_array(
            l.id, l.entry_id, l.points, l.remaining, l.pending, l.earned_at, l.expires_at, l.origin_id
         ) ORDER BY l.id) FROM points_lot AS l WHERE l.account_id = ANY ($1)),
        (SELECT jsonb_agg(jsonb_build_array(d.entry_id, d.lot_id, d.points))
         FROM points_draw AS d WHERE d.account_id = ANY ($1) AND d.entry_id > $2),
        (SELECT jsonb_agg(jsonb_build_array(h.id, h.entry_id, h.points, h.status, h.closing_entry_id) ORDER BY h.id)
         FROM points_hold AS h WHERE h.account_id = ANY ($1)),
        (SELECT jsonb_agg(jsonb_build_array(
            b.spendable, b.pending, b.held, b.arrears, b.moments, b.lapsing, ledger_balance_as_of(wanted.id, $4)
         ) ORDER BY wanted.id)
         FROM unnest($1) AS wanted (id) CROSS JOIN LATERAL ledger_balance(wanted.id, $3) AS b),
        (SELECT jsonb_agg(to_jsonb(broken)) FROM ledger_audit($1) AS broken)
"""


class Kernel:
    """What the kernel holds of some accounts, and the ids by which it knows what the rules know by place."""

    def __init__(self) -> None:
        self.accounts: list[int] = []
        self.entries: list[int] = []
        self.lots: list[int] = []
        self.holds: list[int] = []
        self._place: dict[int | None, int | None] = {None: None}
        with connection.cursor() as cursor:
            cursor.execute("SELECT FROM pg_prepared_statements WHERE name = 'what_the_kernel_holds'")
            if cursor.fetchone() is None:
                cursor.execute(
                    "SET LOCAL enable_seqscan = off"
                )  # the plan is kept, and made while the tables are small
                cursor.execute(_PREPARE)

    def look(self, *, at: datetime, past: datetime) -> dict[str, Rows]:
        """Buckets, lots, holds, balances and broken sums; entries and draws since the last look."""
        seen = self.entries[-1] if self.entries else 0
        with connection.cursor() as cursor:
            cursor.execute("EXECUTE what_the_kernel_holds (%s, %s, %s, %s)", [self.accounts, seen, at, past])
            held = cursor.fetchone() or ()
        buckets, entries, lots, draws, holds, balances, broken = (json.loads(rows or "[]") for rows in held)
        for row in entries:
            self._place[row[0]] = len(self.entries)
            self.entries.append(row[0])
        self.lots, self.holds = [row[0] for row in lots], [row[0] for row in holds]
        owner = {account: place for place, account in enumerate(self.accounts)}
        entry, lot = self._place, {None: None} | {row: place for place, row in enumerate(self.lots)}
        return {
            "buckets": buckets,
            "entries": [
                [owner[row[1]], *row[2:6], _renamed(row[6], owner), *row[7:15], entry[row[15]], entry[row[16]]]
                for row in entries
            ],
            "lots": [[entry[row[1]], *row[2:7], lot[row[7]]] for row in lots],
            "draws": sorted([entry[row[0]], lot[row[1]], row[2]] for row in draws),
            "holds": [[entry[row[1]], *row[2:4], entry[row[4]]] for row in holds],
            "balances": balances,
            "broken sums": broken,
        }


class Rules:
    """The same of a book."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._place: dict[int, int | None] = {id(None): None}
        self._entries = 0
        self._running: dict[int, int] = {}

    def look(self, *, at: datetime, past: datetime) -> dict[str, Rows]:
        """Buckets, lots, holds, balances and no broken sums; entries and draws since the last look."""
        book, place = self.book, self._place
        new = book.entries[self._entries :]
        place |= {id(row): self._entries + nth for nth, row in enumerate(new)}
        place |= {id(row): nth for nth, row in enumerate(book.lots)}
        self._entries = len(book.entries)
        accounts = range(len(book.accounts))
        return {
            "buckets": [[book.bucket(account, name) for name in BUCKETS] for account in accounts],
            "entries": [self._entry(row) for row in new],
            "lots": [
                [
                    place[id(row.entry)], row.points, row.remaining, row.bucket == "pending", row.earned_at.isoformat(),
                    row.expires_at.isoformat() if row.expires_at < NEVER else None, place[id(row.origin)],
                ]
                for row in book.lots
            ],
            "draws": sorted(
                [place[id(row)], place[id(lot)], points]
                for row in new for lot, points in row.draws if lot.entry is not row  # the kernel's new lots begin full
            ),
            "holds": [self._hold(row) for row in book.entries if row.kind == "hold"],
            "balances": [self._balance(account, at, past) for account in accounts],
            "broken sums": [],
        }  # fmt: skip

    def _entry(self, row: Entry) -> Rows:
        after = self._running[row.account] = self._running.get(row.account, 0) + row.buckets["spendable"]
        return [
            row.account, row.kind, row.points, row.requested, row.key, row.source, row.occurred_at.isoformat(),
            *(row.buckets[name] for name in BUCKETS), row.lapsed, row.forgiven, after,
            self._place[id(row.reverses)], self._place[id(row.caused_by)],
        ]  # fmt: skip

    def _hold(self, row: Entry) -> Rows:
        closing = self.book.closing(row)
        return [self._place[id(row)], row.points, STATUS[closing.kind] if closing else "open", self._place[id(closing)]]

    def _balance(self, account: int, at: datetime, past: datetime) -> Rows:
        lapsing = self.book.lapsing(account, at)
        return [
            self.book.available(account, at), *(self.book.bucket(account, name) for name in BUCKETS[1:]),
            [moment.isoformat() for moment, _ in lapsing], [points for _, points in lapsing],
            self.book.balance_as_of(account, past),
        ]  # fmt: skip


def _renamed(source: str, owner: dict[int, int]) -> str:
    """A merge's source names the other account: by its place instead of its id."""
    kind, _, account = source.partition(":")
    return f"account:{owner[int(account)]}" if kind == "account" else source
