"""What all tests share: throwaway servers, how hard Hypothesis tries, and an empty cache before each test."""

import gc
import os
import sys

import pytest
from django.core.cache import cache
from hypothesis import HealthCheck, settings

from config import embedded
from config.core.garbage import keep_what_is_here

settings.register_profile("ci", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("prove", deadline=None, max_examples=20_000, suppress_health_check=list(HealthCheck))
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

_DATABASE_FIXTURES = {"db", "transactional_db", "django_db_reset_sequences", "live_server"}

# Compiled tests are kept, whatever the machine's rule: all workers and every process that a test starts read them.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

gc.disable()  # until all tests are imported: a third of the time went into looking for garbage that isn't there


def pytest_collection_finish() -> None:
    """What has been imported stays until the end, and isn't looked through again."""
    keep_what_is_here()
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def servers() -> None:
    """PostgreSQL and Valkey, unless DATABASE_URL and REDIS_URL name others."""
    embedded.ensure("test")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(servers: None, django_db_modify_db_settings: None) -> None:
    """Test databases are made once the servers are up."""


@pytest.fixture(autouse=True)
def empty_cache(request: pytest.FixtureRequest) -> None:
    """Counters and cached fragments of one test are never seen by the next."""
    if request.node.get_closest_marker("django_db") or _DATABASE_FIXTURES & set(request.fixturenames):
        cache.clear()
