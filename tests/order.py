"""In which order files of tests are run: faults show soon, and no worker is left alone with a long file in the end."""

from collections.abc import Iterable

import pytest
from django.test import TransactionTestCase

# what takes more than ten seconds, the longest first
LONGEST = (
    "tests/browser/test_every_page.py",
    "tests/api/test_schemathesis.py",
    "tests/house/test_demo.py",
    "tests/points/test_model_agrees.py",
    "tests/browser/test_every_state.py",
    "tests/points/test_model_finds_faults.py",
    "tests/admin/test_every_page.py",
    "tests/browser/test_member_journey.py",
    "tests/admin/test_roles.py",
    "tests/members/points_import/test_killed.py",
    "tests/browser/test_two_step.py",
    "tests/history/test_killed.py",
    "tests/history/test_import.py",
    "tests/points/test_expiry_killed.py",
    "tests/core/test_key_rotation.py",
    "tests/mall/test_stock_sequences.py",
    "tests/api/test_access.py",
    "tests/mall/test_races.py",
    "tests/api/test_bad_input.py",
    "tests/points/test_months.py",
    "tests/points/test_reminders.py",
    "tests/operations/test_backups.py",
    "tests/points/test_races_across_accounts.py",
    "tests/points/test_races.py",
    "tests/members/test_broadcasts.py",
    "tests/house/test_embedded.py",
    "tests/house/test_run_servers.py",
    "tests/browser/test_merchant_journey.py",
    "tests/browser/test_small_things.py",
    "tests/outbox/test_killed_processes.py",
    "tests/admin/test_exports.py",
)


def by_file(items: Iterable[pytest.Item], *, are_shared: bool) -> list[pytest.Item]:
    """What needs no database, then the longest files, then the others.

    Where workers share them, the longest file of all is first: its worker migrates while the other has something to do.
    """
    with_database = {_file(item) for item in items if _needs_database(item)}

    def turn(item: pytest.Item) -> int:
        file = _file(item)
        if are_shared and file == LONGEST[0]:
            return 0
        if file not in with_database:
            return 1
        return 2 + (LONGEST.index(file) if file in LONGEST else len(LONGEST))

    return sorted(items, key=turn)


def _file(item: pytest.Item) -> str:
    return item.nodeid.split("::")[0]


def _needs_database(item: pytest.Item) -> bool:
    if "django_db_setup" in getattr(item, "fixturenames", ()) or item.get_closest_marker("django_db"):
        return True
    test_class = getattr(item, "cls", None)
    return test_class is not None and issubclass(test_class, TransactionTestCase)
