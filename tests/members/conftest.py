"""The rows that data migrations make: the flush after a test with real commits takes them away."""

import pytest
from django.db import transaction

from members.services.defaults import ensure_defaults


@pytest.fixture(autouse=True)
def default_tiers(request: pytest.FixtureRequest) -> None:
    """The default ladder, for every test that uses the database."""
    marker = request.node.get_closest_marker("django_db")
    if marker is None:
        return
    request.getfixturevalue("transactional_db" if marker.kwargs.get("transaction") else "db")
    with transaction.atomic():
        ensure_defaults()
