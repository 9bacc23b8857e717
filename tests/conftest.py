"""What every test needs of the database, and in which order files are run."""

from collections.abc import Iterator
from unittest import mock

import pytest
from django.test import TransactionTestCase

from tests import standing, template
from tests.order import by_file


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items[:] = by_file(items, are_shared=hasattr(config, "workerinput"))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    request: pytest.FixtureRequest,
    django_db_modify_db_settings: None,
    django_db_keepdb: bool,
    django_db_blocker: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[None]:
    """Migrations are run once, whatever the number of workers."""
    if django_db_keepdb or not hasattr(request.config, "workerinput"):
        yield
        return
    folder = tmp_path_factory.getbasetemp().parent  # that all workers of this run share
    with django_db_blocker.unblock():
        is_ours = template.named(folder)
    yield
    if is_ours:
        with django_db_blocker.unblock():
            template.dropped(folder)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """The test database with what stands in it, which is all there again after every test with real commits."""
    with django_db_blocker.unblock():
        standing.remember()
    with mock.patch.object(TransactionTestCase, "_fixture_teardown", _restore):
        yield
    with django_db_blocker.unblock():
        standing.see_off()


def _restore(test: TransactionTestCase) -> None:
    standing.restore()
