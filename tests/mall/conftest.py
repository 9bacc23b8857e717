"""A shop with its defaults, and nobody listening: what campaigns do with the mall's facts is tested elsewhere."""

import pytest

from config.outbox import subscriptions
from config.outbox.services import nudging
from mall import ports
from tests.mall.builders import FakePromotions


@pytest.fixture(autouse=True)
def promotions(monkeypatch: pytest.MonkeyPatch) -> FakePromotions:
    """What fills the socket in a test: nothing off unless the test says so."""
    fake = FakePromotions()
    monkeypatch.setattr(ports, "_promotions", fake)
    monkeypatch.setattr(subscriptions, "_subscriptions", {})
    monkeypatch.setattr(nudging, "_send", lambda task, kwargs: True)
    return fake


@pytest.fixture
def shop(db: None) -> None:
    """Default store, pages and tiers are there."""


@pytest.fixture
def committed_shop(transactional_db: None) -> None:
    """The same with real commits, for threads."""
