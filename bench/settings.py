"""The shop's settings as in production where it counts for speed, on a database of the bench's own."""

import os

from config.settings import *  # noqa: F403

DATABASES["default"]["NAME"] = "bench"  # noqa: F405
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = os.environ.get("ROOT_URLCONF", "config.urls")
CACHES["default"]["KEY_PREFIX"] = "bench"  # noqa: F405
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
SECURE_SSL_REDIRECT = False
TEMPLATES[0]["OPTIONS"]["debug"] = False  # noqa: F405
