import pytest
from django.db import transaction

from config.core.db import TransactionMissing, edge_transaction, fetch_all, fetch_one, transaction_required


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
