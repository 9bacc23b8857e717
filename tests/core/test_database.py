"""A kept connection is looked at before it is used, without asking the server."""

import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.database.base import DatabaseWrapper

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def other():
    """A second connection to the same database."""
    copied = connection.copy()
    copied.connect()
    yield copied
    copied.close()


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def becomes_readable(wrapper: DatabaseWrapper) -> None:
    """Wait until something has come from the server."""
    until = time.monotonic() + 5
    while DatabaseWrapper.is_silent(wrapper) and time.monotonic() < until:
        time.sleep(0.01)


def test_a_connection_with_nothing_to_read_is_used_without_a_query(other: DatabaseWrapper) -> None:
    with CaptureQueriesContext(other) as asked:
        assert other.is_usable()
    assert len(asked) == 0


def test_a_connection_that_the_server_has_closed_is_not_used(other: DatabaseWrapper) -> None:
    run(f"SELECT pg_terminate_backend({other.connection.info.backend_pid})")
    becomes_readable(other)
    assert not other.is_usable()
    other.close()
    assert not other.is_usable()


def test_a_notice_does_not_make_a_connection_useless(other: DatabaseWrapper) -> None:
    with other.cursor() as cursor:
        cursor.execute("LISTEN bell")
    run("NOTIFY bell")
    becomes_readable(other)
    assert not other.is_silent()
    assert other.is_usable()
