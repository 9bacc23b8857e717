"""What a member meets first, among 1,000 and among 100,000 members: log-in, member centre, benefits.

A page may take ten queries, the same at both sizes, and no longer. Logging in is more than its page: the code is tried,
the device is known again, the session is made.
"""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from statistics import median
from typing import Any

from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench.figures import Figure
from bench.pages import signed_in
from bench.sizes import MANY
from bench.tiers import _LOAD, _fill
from config.core.crypto import blind_index
from members.models import LoginCode, Member
from members.services.login_codes import phone_index

_SIZES = (1_000, MANY)
_MOST_QUERIES = 10
_TIMES = 15
_PHONE, _CODE = "13800000001", "123456"  # whom bench.tiers registers
_PAGES = {"centre": "/me/", "benefits": "/benefits/"}


def measure() -> Iterator[Figure]:
    """queries_* at 100,000 members by what is allowed, time_* by what it takes among 1,000."""
    fill, loaded = _fill(), 0
    found: dict[str, list[tuple[int, float]]] = {}
    for size in _SIZES:
        _run(_LOAD.format(first=loaded, last=size, **fill))
        _run("ANALYZE")
        loaded = size
        browser = signed_in(Member.objects.get(phone_index=phone_index(_PHONE)))
        asked: dict[str, Callable[[], Any]] = {
            "login_page": lambda: _browser().get("/login/"),
            "log_in": _log_in,
            **{name: partial(browser.get, path) for name, path in _PAGES.items()},
        }
        for name, ask in asked.items():
            found.setdefault(name, []).append(_measured(name, ask))
    for name, ((few, short), (many, long)) in found.items():
        if few != many:
            raise RuntimeError(f"{name} takes {few} queries among 1,000 members and {many} among {MANY:,}")
        allowed = None if name == "log_in" else _MOST_QUERIES
        yield Figure(
            name=f"queries_{name}",
            value=many,
            unit=f"at {MANY:,}",
            limit=allowed,
            wanted=1.0 if allowed else None,
            at_most=True,
        )
        yield Figure(name=f"time_{name}", value=long, unit="ms", limit=short, wanted=1.5, at_most=True)


def _measured(name: str, ask: Callable[[], Any]) -> tuple[int, float]:
    """Queries of one, and the median of some in milliseconds."""
    ask()
    with CaptureQueriesContext(connection) as caught:
        answer = ask()
    # what later requests ask is not kept; that the code was sent is no part of logging in
    own = [one for one in caught.captured_queries if '"members_logincode" ("phone_index"' not in one["sql"]]
    if answer.status_code != (302 if name == "log_in" else 200):
        raise RuntimeError(f"{name} answered {answer.status_code}")
    took = []
    for _ in range(_TIMES):
        began = time.perf_counter()
        ask()
        took.append((time.perf_counter() - began) * 1000)
    return len(own), median(took)


def _log_in() -> Any:
    """A new browser with a code that was just sent."""
    cache.clear()
    index, at = phone_index(_PHONE), timezone.now()
    LoginCode.objects.create(
        phone_index=index,
        code_hash=blind_index(f"{index}:{_CODE}", purpose="login-code"),
        sent_at=at,
        expires_at=at + timedelta(minutes=5),
    )
    return _browser().post("/login/", {"phone": _PHONE, "code": _CODE})


def _browser() -> Client:
    return Client(headers={"host": "127.0.0.1"})


def _run(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
