import pytest
from django.db import DataError, connection, transaction

from config.core.db import (
    Ask,
    TransactionMissing,
    answers,
    edge_transaction,
    fetch_all,
    fetch_one,
    fetch_prepared,
    transaction_required,
)


@transaction_required
def double(*, number: int) -> int:
    """Twice the number."""
    return 2 * number


@pytest.mark.django_db(transaction=True)
def test_a_service_runs_in_its_callers_transaction_only():
    with edge_transaction():
        assert double(number=2) == 4
    with pytest.raises(TransactionMissing, match=r"tests\.core\.test_db\.double needs a transaction"):
        double(number=2)


def test_a_guarded_service_keeps_its_name_and_words():
    assert (double.__name__, double.__doc__) == ("double", "Twice the number.")


@pytest.mark.django_db(transaction=True)
def test_an_edge_is_the_outermost_transaction():
    edge = edge_transaction()
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        edge.__enter__()


@pytest.mark.django_db
def test_raw_rows_come_as_tuples():
    assert fetch_one("SELECT 1, %(word)s", {"word": "二"}) == (1, "二")
    assert fetch_one("SELECT 1 WHERE false", {}) is None
    assert fetch_all("SELECT * FROM generate_series(1, %(last)s)", {"last": 3}) == [(1,), (2,), (3,)]


def numbers_until(most: int) -> Ask[list[int]]:
    return Ask(
        sql="SELECT number FROM generate_series(1, %(most)s::int) AS number",
        params={"most": most},
        read=lambda rows: [number for (number,) in rows],
    )


@pytest.mark.django_db
def test_questions_asked_together_are_answered_each_with_its_own_rows():
    asks = [numbers_until(2), numbers_until(0), numbers_until(3), numbers_until(2)]
    expected = [[1, 2], [], [1, 2, 3], [1, 2]]
    assert answers(asks) == expected == [ask.answer() for ask in asks]
    assert answers(asks[:1]) == [[1, 2]]
    assert answers([]) == []


@pytest.mark.django_db
def test_watched_questions_are_seen_one_by_one(django_assert_num_queries):
    with django_assert_num_queries(2):
        assert answers([numbers_until(1), numbers_until(2)]) == [[1], [1, 2]]


@pytest.mark.django_db
def test_questions_asked_together_see_what_their_transaction_wrote():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE bell (rung int); INSERT INTO bell VALUES (7)")
    rung = Ask(sql="SELECT rung FROM bell", params={}, read=lambda rows: rows[0][0])
    assert answers([rung, rung]) == [7, 7]


@pytest.mark.django_db(transaction=True)
def test_a_question_that_cannot_be_answered_is_an_error_and_the_connection_goes_on():
    bad = Ask(sql="SELECT 1 / %(by)s::int", params={"by": 0}, read=lambda rows: rows[0][0])
    with pytest.raises(DataError):
        answers([numbers_until(1), bad, numbers_until(2)])
    assert answers([numbers_until(1), numbers_until(2)]) == [[1], [1, 2]]


def known_to_the_server(part: str) -> int:
    return int(
        fetch_all("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %(part)s", {"part": part})[0][0]
    )


@pytest.mark.django_db(transaction=True)
def test_a_hot_question_is_prepared_once_and_stays_so_after_a_rollback():
    ask = numbers_until(2)
    mark = "SELECT number FROM generate_series%"
    connection.close()
    for _ in range(3):
        assert ask.answer() == [1, 2]
        assert answers([ask, numbers_until(1)]) == [[1, 2], [1]]
        with pytest.raises(DataError), transaction.atomic():
            fetch_one("SELECT 1 / 0", {})
    assert known_to_the_server(mark) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("value", ["1.50::numeric", "'2026-02-28'::date", "ARRAY[1, 2]", "1.5::float8", "NULL::text"])
def test_a_prepared_question_reads_values_as_the_ordinary_way_does(value: str):
    connection.cursor().execute("SELECT 1")
    assert fetch_prepared(f"SELECT {value}", {}) == fetch_one(f"SELECT {value}", {})
