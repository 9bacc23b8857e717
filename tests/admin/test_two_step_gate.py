"""A table derived from the admin's URLs: a session that lacks a step reaches the two-step pages and the log-out."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client, override_settings
from django.urls import URLPattern

from members.models import User
from tests.admin.authenticator import CODE, SET_UP, switch_on

_GIVEN = {"object_id": "1", "id": "1", "pk": "1", "app_label": "mall", "content_type_id": "1", "url": "x", "extra": "1"}
OPEN = {"login/", "logout/", "two-step/", "two-step/code/"}


def routes(patterns: list[Any], prefix: str = "") -> Iterator[str]:
    """Every address below /admin/, its parts filled in."""
    for one in patterns:
        route = prefix + str(one.pattern)
        if isinstance(one, URLPattern):
            yield route
        else:
            yield from routes(one.url_patterns, route)


def filled(route: str) -> str:
    """An address that the route takes."""
    if "(?P<url>" in route:
        return route.partition("(?P<url>")[0] + "no/such/page"
    if "(?P<app_label>" in route:
        return "mall/"
    while "<" in route:
        before, _, rest = route.partition("<")
        inside, _, after = rest.partition(">")
        route = before + _GIVEN.get(inside.rpartition(":")[2], "1") + after
    return route.removeprefix("^").removesuffix("$")


ROUTES = sorted({filled(route) for route in routes(admin.site.urls[0])})


def test_the_table_knows_the_whole_back_office() -> None:
    assert len(ROUTES) > 150
    assert OPEN | {"", "password_change/", "search/", "jsi18n/", "mall/order/", "constance/config/"} <= set(ROUTES)


def not_barred(client: Client, page: str) -> set[str]:
    """The addresses that do not send this session to `page`, by whatever method."""
    return {
        route
        for route in ROUTES
        if route not in OPEN
        for answer in (client.get(f"/admin/{route}"), client.post(f"/admin/{route}"))
        if answer.status_code != 302 or not answer["Location"].startswith(f"{page}?next=")
    }


@pytest.fixture
def lin() -> User:
    return User.objects.create_superuser("lin", password="warehouse-pass-1")


@override_settings(PAGE_POSTS_PER_MINUTE=10_000)
def test_a_session_whose_code_is_due_reaches_nothing_else(lin: User) -> None:
    switch_on(lin)
    client = Client()
    client.force_login(lin)
    assert not_barred(client, CODE) == set()


@override_settings(POLICIES={"staff_two_step_required": True}, PAGE_POSTS_PER_MINUTE=10_000)
def test_a_session_that_must_set_it_up_reaches_nothing_else(lin: User) -> None:
    client = Client()
    client.force_login(lin)
    assert not_barred(client, SET_UP) == set()
