"""What every test needs of the database."""

import pytest
from django.db import connection


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> None:
    """The test database, in which the ledger may be truncated: that is how transactional tests are cleaned up."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE points_entry DISABLE TRIGGER points_entry_no_truncate")
        cursor.execute("ALTER TABLE points_draw DISABLE TRIGGER points_draw_no_truncate")
