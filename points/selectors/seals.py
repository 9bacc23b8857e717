"""The chain of seals, proved against the entries as they are."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from config.core.db import fetch_one
from points.models import Entry, Seal

_SEALS_AT_ONCE = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """A stretch of the chain up to `seal`. `fault` is None when it holds, else `entry` or the seal itself is at fault.

    Faults: entry_altered, entry_deleted, entry_inserted, seal_altered, seal_missing (the seal before this one is gone,
    or this one was put in).
    """

    seal: int
    seals: int
    entries: int
    fault: str | None
    entry: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Head:
    """The end of the chain: its last seal's hash in hexadecimal, and the last id covered. Empty and 0: no seal yet."""

    hash: str
    upto: int


def prove_chain() -> Iterator[Proof]:
    """Prove every seal, first to last, some at a time; ends with the first fault. One query each."""
    after = 0
    while True:
        row = fetch_one(
            "SELECT seal, seals, entries, fault, entry FROM ledger_prove_seals(%(after)s, %(limit)s)",
            {"after": after, "limit": _SEALS_AT_ONCE},
        )
        assert row is not None, "ledger_prove_seals returns a row"
        seal, seals, entries, fault, entry = row
        if not seals:
            return
        yield Proof(seal=seal, seals=seals, entries=entries, fault=fault, entry=entry)
        if fault:
            return
        after = seal


def head() -> Head:
    """Where the chain ends now. One query."""
    last = Seal.objects.order_by("-pk").values_list("hash", "upto_id").first()
    return Head(hash=bytes(last[0]).hex(), upto=last[1]) if last else Head(hash="", upto=0)


def count() -> int:
    """How many seals there are. One query."""
    return Seal.objects.count()


def is_in_chain(*, hash_hex: str) -> bool:
    """Whether some seal has that hash: false for a head noted before when the chain's end was cut off. One query."""
    return Seal.objects.filter(hash=bytes.fromhex(hash_hex)).exists()


def unsealed(*, recorded_before: datetime | None = None) -> int:
    """Entries after the chain's end, all or those recorded before a moment. Two queries."""
    rows = Entry.objects.filter(pk__gt=head().upto)
    return (rows.filter(recorded_at__lt=recorded_before) if recorded_before else rows).count()
