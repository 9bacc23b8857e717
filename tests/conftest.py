"""What every test needs of the database."""

from collections.abc import Iterator
from unittest import mock

import pytest
from django.test import TransactionTestCase

from tests import standing


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """The test database with what stands in it, which is all there again after every test with real commits."""
    with django_db_blocker.unblock():
        standing.remember()
    with mock.patch.object(TransactionTestCase, "_fixture_teardown", _restore):
        yield


def _restore(test: TransactionTestCase) -> None:
    standing.restore()
