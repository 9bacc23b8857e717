from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from config.core.db import TransactionMissing, edge_transaction, fetch_prepared
from config.core.statements import edge_statement, one_statement

AT = datetime(2026, 2, 28, 15, 59, 59, 120000, tzinfo=UTC)
CARRIED: list[tuple[str, Any]] = [
    ("bigint", 2**63 - 1),
    ("bigint", -5),
    ("integer", 7),
    ("smallint", 7),
    ("boolean", True),
    ("boolean", False),
    ("text", "积分 🎁 '; \\ %s"),
    ("text", ""),
    ("varchar", "x"),
    ("timestamptz", AT),
    ("timestamptz", AT.replace(microsecond=0)),
    ("bigint", None),
]


@one_statement
def twice(*, number: int) -> int:
    """Twice the number, said by the server."""
    row = fetch_prepared("SELECT 2 * %(number)s::bigint", {"number": number})
    assert row is not None
    return int(row[0])


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "value"), CARRIED)
def test_a_value_comes_back_as_it_went(kind: str, value: Any):
    connection.cursor().execute("SELECT 1")
    assert fetch_prepared(f"SELECT %(value)s::{kind}", {"value": value}) == (value,)


@pytest.mark.django_db
def test_a_jsonb_comes_as_text_and_an_interval_is_carried():
    connection.cursor().execute("SELECT 1")
    assert fetch_prepared("SELECT '{\"a\": 1}'::jsonb", {}) == ('{"a": 1}',)
    moved = fetch_prepared(
        "SELECT %(at)s::timestamptz + %(by)s::interval", {"at": AT, "by": timedelta(days=7, microseconds=1)}
    )
    assert moved == (AT + timedelta(days=7, microseconds=1),)


@pytest.mark.django_db
def test_what_it_cannot_carry_goes_the_ordinary_way():
    connection.cursor().execute("SELECT 1")
    assert fetch_prepared("SELECT %(ids)s::bigint[]", {"ids": [1, 2]}) == ([1, 2],)
    assert fetch_prepared("SELECT ARRAY[1, 2]::bigint[]", {}) == ([1, 2],)
    assert fetch_prepared("SELECT 1 WHERE %(wanted)s::boolean", {"wanted": False}) is None


@pytest.mark.django_db
def test_recorded_queries_are_seen():
    with CaptureQueriesContext(connection) as caught:
        fetch_prepared("SELECT %(number)s::bigint", {"number": 3})
    assert len(caught) == 1


@pytest.mark.django_db(transaction=True)
def test_a_closed_connection_is_opened():
    connection.close()
    assert fetch_prepared("SELECT %(number)s::bigint", {"number": 3}) == (3,)


@pytest.mark.django_db(transaction=True)
def test_a_refused_statement_is_djangos_error_and_says_why():
    with transaction.atomic():
        connection.cursor().execute("SELECT 1")
        with pytest.raises(DatabaseError, match="division by zero"), transaction.atomic():
            fetch_prepared("SELECT 1 / %(zero)s::bigint", {"zero": 0})
        with pytest.raises(DatabaseError, match="NUL"), transaction.atomic():
            fetch_prepared("SELECT %(word)s::text", {"word": "a\0b"})
        with pytest.raises(DatabaseError, match="no_such_function"), transaction.atomic():
            fetch_prepared("SELECT no_such_function(%(word)s)", {"word": "a"})
        with pytest.raises(IntegrityError), transaction.atomic():
            fetch_prepared(
                "INSERT INTO points_account (asset) VALUES (%(asset)s::text) RETURNING id", {"asset": "gold"}
            )
        assert fetch_prepared("SELECT 1::bigint", {}) == (1,)


@pytest.mark.django_db(transaction=True)
def test_a_statement_of_its_own_is_committed_by_itself():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE one_statement (number bigint)")
    try:
        with edge_statement():
            assert one_statement(fetch_prepared)(
                "INSERT INTO one_statement VALUES (%(n)s::bigint) RETURNING number", {"n": 4}
            )
        connection.close()
        assert fetch_prepared("SELECT number FROM one_statement", {}) == (4,)
    finally:
        connection.cursor().execute("DROP TABLE one_statement")


@pytest.mark.django_db(transaction=True)
def test_an_edge_of_one_statement_takes_no_second_one_and_no_transaction_around_it():
    with pytest.raises(TransactionMissing, match="twice needs a transaction"):
        twice(number=4)
    with edge_statement():
        assert twice(number=4) == 8
        with pytest.raises(TransactionMissing):
            twice(number=4)
    with edge_transaction():
        assert twice(number=twice(number=4)) == 16
        with pytest.raises(RuntimeError, match="inside a transaction"):
            edge_statement().__enter__()
    with pytest.raises(TransactionMissing):
        twice(number=4)
