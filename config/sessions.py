"""Sessions: in the cache and in the database, as Django's `cached_db` keeps them."""

import re

from django.contrib.sessions.backends.cached_db import SessionStore as CachedDatabaseStore

_KEY = re.compile(r"[a-z0-9]{8,40}")


class SessionStore(CachedDatabaseStore):
    """Takes a key from a cookie only when it looks like one of ours: with anything else nobody is asked for it."""

    def _validate_session_key(self, key: object) -> bool:
        return isinstance(key, str) and _KEY.fullmatch(key) is not None
