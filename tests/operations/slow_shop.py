"""Settings of a shop with one slow page more, served for real by tests."""

from config.settings import *  # noqa: F403 (settings are made of settings)

ROOT_URLCONF = "tests.operations.slow_urls"
