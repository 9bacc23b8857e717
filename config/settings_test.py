"""Settings for tests: the shop's own, on throwaway servers, with a Redis database per test process."""

import os
from urllib.parse import parse_qs, urlsplit

os.environ["MALL_EMBEDDED_PROFILE"] = "test"

from config import embedded
from config.settings import *
from config.settings import API_CALLS_PER_MINUTE, CACHES, REDIS_URL

_DATABASES = 16  # what a Redis server has unless told otherwise


def _redis_url_of_worker(url: str, worker: str | None) -> str:
    """`url` with a database number of its own for each pytest-xdist worker (gw0, gw1, ...)."""
    if worker is None:
        return url
    parts = urlsplit(url)
    step = int(worker.removeprefix("gw")) + 1
    if parts.scheme == "unix":
        number = int(parse_qs(parts.query).get("db", ["0"])[0])
        return f"unix://{parts.path}?db={(number + step) % _DATABASES}"
    number = int(parts.path.strip("/") or 0)
    return parts._replace(path=f"/{(number + step) % _DATABASES}").geturl()


REDIS_URL = _redis_url_of_worker(REDIS_URL, os.environ.get("PYTEST_XDIST_WORKER"))
CACHES["default"]["LOCATION"] = REDIS_URL
CELERY_BROKER_URL = embedded.broker_url(REDIS_URL)
API_CALLS_PER_MINUTE = dict.fromkeys(API_CALLS_PER_MINUTE, 0)  # tests/api/test_throttles.py sets its own
SHELF_SECONDS = 0  # a test sees what it has just written; tests/core/test_keeping.py sets its own
STORED_SETTINGS = False  # tests/admin/test_shop_settings.py has them on
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
