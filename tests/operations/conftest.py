"""A shop's log lines as text, and a database that may be wrecked."""

import io
import logging
import os
from collections.abc import Callable, Iterator

import psycopg
import pytest
from django.db import connection

from config.operations.logs import JsonFormatter


@pytest.fixture
def log_lines() -> Iterator[Callable[[], list[str]]]:
    """Everything logged so far, in the form that production writes."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.addHandler(handler)
    yield lambda: written.getvalue().splitlines()
    root.removeHandler(handler)


@pytest.fixture
def scratch_database(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[str]:
    """A copy of the test database in its place, committed to for real and dropped afterwards."""
    test_name = connection.settings_dict["NAME"]
    name = f"{test_name}_scratch_{os.getpid()}"
    with django_db_blocker.unblock():
        connection.close()
        known = {**connection.get_connection_params(), "dbname": "postgres"}
        server = {key: known[key] for key in ("host", "port", "user", "password", "dbname") if known.get(key)}
        with psycopg.connect(**server, autocommit=True) as admin:
            # a thread that answered a browser in an earlier test may not have hung up yet
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [test_name])
            admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{test_name}"')
            connection.settings_dict["NAME"] = name
            try:
                with connection.cursor() as cursor:
                    cursor.execute("DROP SCHEMA standing CASCADE")  # a shop has no such notes
                yield name
            finally:
                connection.close()
                connection.settings_dict["NAME"] = test_name
                admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
