"""Books the rows of a points file, chunk by chunk: each chunk is a transaction, and a row is booked once for ever.

A row's key is the file's hash and its line, so that a run that was killed goes on where it was, and the whole file
again books nothing.
"""

from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from config.core import policies
from config.core.db import edge_transaction, fetch_one, transaction_required
from config.core.errors import DomainError
from config.core.time import add_months, local_date, month_end
from members.models import Member, PointsNote
from members.rules.points_rows import BadFile, BadRow, Cells, Columns, PointsRow, columns_of, read_row
from members.services.imports import create_members_by_phone
from members.services.login_codes import phone_index
from members.services.points_import.files import PointsFile
from points import ledger
from points.selectors.accounts import booked

Readable = dict[int, tuple[PointsRow, Cells]]

_CHUNK = 1000
_DIGITS = 32  # of the file's hash in a row's key
_BUCKETS = 16
_TURN = "hashtextextended('members.points_import:' || %(digest)s, 0)"
_UNKNOWN = "没有这个手机号的会员"
_CLOSED = "会员已注销"


class ImportRunning(DomainError):
    """Another process imports this very file."""

    code = "import_running"
    message = "这份文件正在导入中，请等它结束"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reject:
    """A row that is not imported: its line, its cells as they were, and why."""

    line: int
    cells: Cells
    reason: str


@dataclass(kw_only=True)
class Totals:
    """What was seen and done: of all `rows` with anything in them `good` and `bad`, of the good `new` and `before`."""

    rows: int = 0
    bad: int = 0
    good: int = 0
    points: int = 0
    new: int = 0
    new_points: int = 0
    before: int = 0
    before_points: int = 0
    created: int = 0
    phones: "array[int]" = field(default_factory=lambda: array("Q"))
    unknown_phones: "array[int]" = field(default_factory=lambda: array("Q"))

    def count(self, rows: Sequence[PointsRow]) -> None:
        """Add good rows."""
        self.good += len(rows)
        self.points += sum(row.points for row in rows)
        self.phones.extend(int(row.phone) for row in rows)


def distinct(phones: Sequence[int]) -> int:
    """How many different phones these are; at no time more than a part of them in a set."""
    return sum(len({phone for phone in phones if phone % _BUCKETS == one}) for one in range(_BUCKETS))


@dataclass(frozen=True, kw_only=True)
class Asked:
    """How a file is to be imported; `commit` False only looks. `reject` is told of bad rows, `advance` of progress."""

    file: PointsFile
    at: datetime
    commit: bool
    create_members: bool
    reject: Callable[[Reject], None]
    advance: Callable[[int], object]


@contextmanager
def only_import(*, digest: str) -> Iterator[None]:
    """Hold the file's turn, which a killed process loses with its connection. Raises ImportRunning."""
    if fetch_one(f"SELECT pg_try_advisory_lock({_TURN})", {"digest": digest}) != (True,):
        raise ImportRunning()
    try:
        yield
    finally:
        fetch_one(f"SELECT pg_advisory_unlock({_TURN})", {"digest": digest})


def load(asked: Asked) -> Totals:
    """Import the file, or look at it; memory does not grow with it. Opens its transactions itself. Raises BadFile."""
    totals = Totals()
    with asked.file.rows() as rows:
        filled = ((line, cells) for line, cells in rows if any(cell.strip() for cell in cells))
        heading = next(filled, None)
        if heading is None:
            raise BadFile("文件是空的")
        columns = columns_of(heading[1])
        while chunk := list(islice(filled, _CHUNK)):
            totals.rows += len(chunk)
            readable = _readable(chunk, columns, asked, totals)
            if asked.commit:
                with edge_transaction():
                    _book(readable, asked, totals)
            else:
                _look_up(readable, asked, totals)
            asked.advance(len(chunk))
    return totals


def _readable(chunk: Sequence[tuple[int, list[str]]], columns: Columns, asked: Asked, totals: Totals) -> Readable:
    """The chunk's rows by line, with their cells; bad ones are reported."""
    found = {}
    months = policies.current().points_expiry_months
    default = month_end(add_months(local_date(asked.at), months)) if months else None
    for line, raw in chunk:
        cells = columns.cells(raw)
        try:
            found[line] = read_row(cells=cells, line=line, at=asked.at, default_expiry=default), cells
        except BadRow as error:
            _reject(asked, totals, line, cells, str(error))
    return found


def _reject(asked: Asked, totals: Totals, line: int, cells: Cells, reason: str) -> None:
    totals.bad += 1
    asked.reject(Reject(line=line, cells=cells, reason=reason))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Owner:
    member_id: int
    account: int
    is_closed: bool


def _look_up(readable: Readable, asked: Asked, totals: Totals) -> list[tuple[PointsRow, _Owner]]:
    """The rows that can be booked, with whose they are; the others are reported or, when looking only, counted."""
    owners = _owners({row.phone for row, _ in readable.values()})
    usable: list[tuple[PointsRow, _Owner]] = []
    good: list[PointsRow] = []
    for line, (row, cells) in readable.items():
        owner = owners.get(row.phone)
        if owner is None and not asked.create_members:
            _reject(asked, totals, line, cells, _UNKNOWN)
        elif owner is not None and owner.is_closed:
            _reject(asked, totals, line, cells, _CLOSED)
        else:
            good.append(row)
            usable += [(row, owner)] if owner is not None else []
    totals.unknown_phones.extend(int(row.phone) for row, _ in readable.values() if row.phone not in owners)
    totals.count(good)
    fresh = _fresh(usable, asked)
    done = [row for row, _ in usable if row.line not in fresh]
    totals.before += len(done)
    totals.before_points += sum(row.points for row in done)
    return [(row, owner) for row, owner in usable if row.line in fresh]


@transaction_required
def _book(readable: Readable, asked: Asked, totals: Totals) -> None:
    if asked.create_members:
        phones = {row.phone for row, _ in readable.values()}
        missing = phones - _owners(phones).keys()
        create_members_by_phone(phones=missing, at=asked.at)
        totals.created += len(missing)
    rows = _look_up(readable, asked, totals)
    entries = ledger.post_many([_posting(row, owner, asked) for row, owner in rows])
    PointsNote.objects.bulk_create(
        PointsNote(member_id=owner.member_id, entry_id=entry, text=row.note, created_at=asked.at)
        for (row, owner), entry in zip(rows, entries, strict=True)
        if row.note
    )
    totals.new += len(rows)
    totals.new_points += sum(row.points for row, _ in rows)


def _posting(row: PointsRow, owner: _Owner, asked: Asked) -> ledger.Posting:
    return ledger.Posting(
        account=owner.account,
        points=row.points,
        key=_key(row, asked),
        source=f"import:{asked.file.digest[:_DIGITS]}",
        at=asked.at,
        expires_at=row.expires_at,
        reason="import",
    )


def _key(row: PointsRow, asked: Asked) -> str:
    return f"import:{asked.file.digest[:_DIGITS]}:{row.line}"


def _fresh(usable: Sequence[tuple[PointsRow, _Owner]], asked: Asked) -> set[int]:
    """Lines that no run has booked yet."""
    places = booked(postings=[(owner.account, _key(row, asked)) for row, owner in usable])
    return {row.line for place, (row, _) in enumerate(usable) if place not in places}


def _owners(phones: set[str]) -> dict[str, _Owner]:
    """Whose phones these are now. One query."""
    by_index = {phone_index(phone): phone for phone in phones}
    found: dict[str, _Owner] = {}
    members = Member.objects.filter(phone_index__in=by_index).select_related("merged_into")
    for member in members.only(
        *("phone_index", "status", "points_account", "merged_into__status", "merged_into__points_account")
    ):
        now = member.merged_into or member
        found[by_index[member.phone_index or ""]] = _Owner(
            member_id=now.pk, account=now.points_account_id, is_closed=now.status == Member.Status.CLOSED
        )
    return found
