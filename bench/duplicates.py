"""The night's search for members who may be one person, among 10,000 and 100,000: their traces, then their pairs.

One member in fifty has a twin of the same name whose phone is a digit away, one in a hundred shares a phone with a
neighbour; 5 % have one of eleven names that everybody has, and a tablet at the counter has seen 5,000. The limit of the
traces is what they need outside the database: three values opened and four hashed. The limit of the pairs is the
search itself as one plain statement over all, without looking at anybody's phone or writing a pair down.
"""

import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from django.db import connection, transaction

from bench.figures import Figure
from bench.tiers import _fill
from config.core.crypto import blind_index, decrypt, encrypt
from members.models import Duplicate, DuplicateTrace, Member
from members.rules import duplicates as rules
from members.services import duplicates

_SIZES = (10_000, 100_000)
_CHUNK = 1_000
_AT = datetime.fromisoformat("2026-11-20T03:20+08:00")
_BORN = date(1950, 1, 1)
_LOAD = """
SET LOCAL session_replication_role = replica;
INSERT INTO members_member ({columns}) SELECT {values}
FROM bench_people AS p JOIN members_member AS pattern ON pattern.id = {pattern} WHERE p.id > {first};
INSERT INTO members_membertrace (member_id, kind, trace_index, first_seen_at)
SELECT id, 'device', CASE WHEN id % 100 = 1 THEN 'd' || id - 1 ELSE 'd' || id END, now()
FROM bench_people WHERE id > {first};
INSERT INTO members_membertrace (member_id, kind, trace_index, first_seen_at)
SELECT id, 'device', 'the tablet', now() FROM bench_people WHERE id > {first} AND id % 20 = 3;
"""
_OWN = {
    "id": "p.id",
    "number": "p.id",
    "points_account_id": "100 + 2 * p.id",
    "growth_account_id": "101 + 2 * p.id",
    "phone_index": "NULL",
    "name": "p.name",
    "birthday": "p.birthday",
    "phone": "p.phone",
}
_PLAIN = """
CREATE TABLE twin AS
SELECT a.member_id AS one, b.member_id AS other, a.kind FROM members_duplicatetrace a
JOIN (SELECT kind, trace FROM members_duplicatetrace GROUP BY kind, trace HAVING count(*) BETWEEN 2 AND 20) few
    ON few.kind = a.kind AND few.trace = a.trace
JOIN members_duplicatetrace b ON b.kind = a.kind AND b.trace = a.trace AND b.member_id > a.member_id
UNION
SELECT a.member_id, b.member_id, a.kind FROM members_membertrace a
JOIN (SELECT kind, trace_index FROM members_membertrace GROUP BY kind, trace_index HAVING count(*) BETWEEN 2 AND 20) few
    ON few.kind = a.kind AND few.trace_index = a.trace_index
JOIN members_membertrace b ON b.kind = a.kind AND b.trace_index = a.trace_index AND b.member_id > a.member_id
"""


def measure() -> Iterator[Figure]:
    """Members per second of each step at 100,000 members, and how much longer one takes than among 10,000."""
    with transaction.atomic():
        columns = str(_fill()["columns"]).split(", ")
    seconds: dict[str, list[float]] = {"duplicates_trace": [], "duplicates_again": [], "duplicates_find": []}
    plain, loaded = 0.0, 0
    for size in _SIZES:
        _load(loaded, size, columns)
        grown, loaded = size - loaded, size
        seconds["duplicates_trace"].append(_timed(_trace) / grown)
        seconds["duplicates_again"].append(_timed(_trace) / size)
        _run("ANALYZE")
        seconds["duplicates_find"].append(_timed(_find) / size)
        plain = _timed(lambda: _run(_PLAIN)) / size
        _run("DROP TABLE twin")
    limits = dict.fromkeys(seconds, _hashed()) | {"duplicates_find": plain}
    for name, (small, large) in seconds.items():
        yield Figure(name=name, value=1 / large, unit="members/s", limit=1 / limits[name])
        yield Figure(
            name=f"{name}_100k", value=large * 1e6, unit="µs/member", limit=small * 1e6, wanted=1.5, at_most=True
        )
    yield Figure(name="duplicates_pairs", value=Duplicate.objects.count(), unit="pairs")
    yield Figure(name="duplicates_traces", value=DuplicateTrace.objects.count(), unit="rows")


def _person(number: int) -> tuple[str, str, str]:
    """Name, birthday and phone; every fiftieth is the one before, with a digit mistyped."""
    if number % 50 == 1:
        name, birthday, phone = _person(number - 1)
        return name, birthday, phone[:-1] + str((int(phone[-1]) + 1) % 10)
    name = (
        f"王伟{number // 20 % 11}" if number % 20 == 7 else f"{chr(0x4E00 + number % 211)}{chr(0x5E00 + number % 397)}"
    )
    born = _BORN + timedelta(days=number * 7919 % 18_000)
    return name, f"{born:%Y-%m-%d}", f"13{(number * 10_007) % 1_000_000_000:09d}"


def _load(first: int, last: int, columns: list[str]) -> None:
    _run(
        "DROP TABLE IF EXISTS bench_people",
        "CREATE TABLE bench_people (id bigint, name text, birthday text, phone text)",
    )
    contexts = [Member._meta.get_field(name).context for name in ("name", "birthday", "phone")]  # type: ignore[union-attr]
    with transaction.atomic(), connection.cursor() as cursor, cursor.copy("COPY bench_people FROM STDIN") as copy:
        for number in range(first + 1, last + 1):
            texts = zip(_person(number), contexts, strict=True)
            copy.write_row([number, *(encrypt(text, context=context) for text, context in texts)])
    values = ", ".join(_OWN.get(name, f"pattern.{name}") for name in columns)
    pattern = Member.objects.order_by("-pk").values_list("pk", flat=True)[0]
    _run(_LOAD.format(columns=", ".join(columns), values=values, pattern=pattern, first=first), "ANALYZE")


def _trace() -> None:
    after: int | None = 0
    while after is not None:
        with transaction.atomic():
            after = duplicates.trace_next(after_member_id=after, limit=_CHUNK)


def _find() -> None:
    after: int | None = 0
    while after is not None:
        with transaction.atomic():
            after = duplicates.find_next(after_member_id=after, limit=_CHUNK, at=_AT)


def _hashed() -> float:
    """Seconds per member for what no database can spare: three values opened, the texts hashed."""
    rows = list(Member.objects.order_by("pk")[:1].values_list("pk", flat=True))
    name, birthday, phone = _person(rows[0])
    sealed = encrypt(name, context="bench")
    began, rounds = time.monotonic(), 2_000
    for _ in range(rounds):
        for _ in range(3):
            decrypt(sealed, context="bench")
        for text in (
            *rules.name_and_birthday(name=name, birthday=birthday),
            *rules.name_and_phone(name=name, phone=phone),
        ):
            blind_index(text, purpose="bench")
    return (time.monotonic() - began) / rounds


def _timed(job: Callable[[], None]) -> float:
    began = time.monotonic()
    job()
    return time.monotonic() - began


def _run(*statements: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
