"""An import with nobody else at the broker."""

import pytest

from config.outbox.services import nudging


@pytest.fixture(autouse=True)
def nobody_is_nudged(monkeypatch: pytest.MonkeyPatch) -> None:
    """The import delivers its own facts."""
    monkeypatch.setattr(nudging, "_send", lambda task, kwargs: True)
