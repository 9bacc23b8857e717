"""What every test needs of the database."""

import pytest
from django.db import connection, transaction
from django.test import TransactionTestCase

_DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> None:
    """The test database, in which the ledger may be truncated: that is how transactional tests are cleaned up."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE points_entry DISABLE TRIGGER points_entry_no_truncate")
        cursor.execute("ALTER TABLE points_draw DISABLE TRIGGER points_draw_no_truncate")
        cursor.execute("ALTER TABLE points_lot DISABLE TRIGGER points_lot_no_truncate")
        cursor.execute("ALTER TABLE points_seal DISABLE TRIGGER points_seal_no_truncate")


@pytest.fixture(autouse=True)
def defaults(request: pytest.FixtureRequest, django_db_blocker: pytest.FixtureRequest) -> None:
    """Tiers, the default store and pages, as migrations leave them; tests with real commits take them away."""
    if request.cls is not None and issubclass(request.cls, TransactionTestCase):
        request.getfixturevalue("django_db_setup")
        with django_db_blocker.unblock():
            restore_defaults()
        return
    mark = request.node.get_closest_marker("django_db")
    if mark is None and not _DATABASE_FIXTURES & set(request.fixturenames):
        return
    is_transactional = mark is not None and mark.kwargs.get("transaction")
    request.getfixturevalue("transactional_db" if is_transactional else "db")
    restore_defaults()


def restore_defaults() -> None:
    """Put tiers, store and pages back where a test with real commits has taken them away."""
    from mall.models import Store
    from mall.services.defaults import ensure_defaults as ensure_mall_defaults
    from members.models import MessageTemplate, Tier
    from members.services.defaults import ensure_defaults as ensure_member_defaults
    from members.services.message_defaults import ensure_defaults as ensure_message_defaults

    if Tier.objects.exists() and Store.objects.exists() and MessageTemplate.objects.exists():
        return
    with transaction.atomic():
        ensure_member_defaults()
        ensure_message_defaults()
        ensure_mall_defaults()
