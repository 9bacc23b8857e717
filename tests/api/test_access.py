"""Who may call what, derived from the URLconf: an endpoint that nobody listed as public must refuse visitors."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from members.models import Member
from tests.api.conftest import Api, with_token

PUBLIC = {
    ("get", "api-schema"),
    ("get", "api-docs"),
    ("post", "api-codes"),
    ("post", "api-login"),
    ("post", "api-password-login"),
    ("post", "api-mini-program"),
    ("post", "api-mini-program-phone"),
    ("get", "api-inviter"),
    ("post", "api-share-visits"),
    ("get", "api-privacy-notice"),
    ("get", "api-tiers"),
    ("get", "api-regions"),
    ("get", "api-page"),
    ("get", "api-categories"),
    ("get", "api-products"),
    ("get", "api-product"),
    ("get", "api-rewards"),
    ("get", "api-reward"),
}
_SAMPLES = {"id": "1", "number": "1", "slug": "home", "str": "x", "int": "1"}
_PART = re.compile(r"<(?:(\w+):)?\w+>")


class Endpoint(NamedTuple):
    method: str
    name: str
    path: str


def endpoints() -> list[Endpoint]:
    """Every method of every view under /api/v1/."""
    return [
        Endpoint(method, pattern.name or "", "/" + _PART.sub(lambda part: _SAMPLES[part[1] or "str"], route))
        for route, pattern in _patterns(get_resolver().url_patterns, "")
        if route.startswith("api/v1/")
        for method in ("get", "post", "put", "patch", "delete")
        if hasattr(_view_class(pattern), method)
    ]


def _patterns(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern.url_patterns, route)
        else:
            yield route, pattern


def _view_class(pattern: URLPattern) -> type:
    view = pattern.callback
    while not hasattr(view, "view_class"):
        view = view.__wrapped__
    return view.view_class


ENDPOINTS = endpoints()
PRIVATE = [one for one in ENDPOINTS if (one.method, one.name) not in PUBLIC]


def ids(listed: list[Endpoint]) -> list[str]:
    return [f"{one.method} {one.path}" for one in listed]


def test_the_walk_finds_the_whole_api():
    assert len(ENDPOINTS) >= 40
    assert {(one.method, one.name) for one in ENDPOINTS}.issuperset(PUBLIC)


def test_no_two_endpoints_share_a_name():
    names = {one.name: one.path for one in ENDPOINTS}
    assert len(names) == len({one.path for one in ENDPOINTS})


@pytest.mark.django_db
@pytest.mark.parametrize("endpoint", PRIVATE, ids=ids(PRIVATE))
def test_a_visitor_is_asked_to_log_in(endpoint: Endpoint, visitor: Api):
    answer = visitor.generic(endpoint.method.upper(), endpoint.path)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.json() == {"code": "not_authenticated", "message": "请先登录", "fields": {}, "facts": {}}


@pytest.mark.django_db
@pytest.mark.parametrize("endpoint", PRIVATE, ids=ids(PRIVATE))
def test_a_token_of_staff_is_no_members_token(endpoint: Endpoint, staff_api: Api):
    answer = staff_api.generic(endpoint.method.upper(), endpoint.path)
    assert answer.status_code == 403
    assert answer.json() == {"code": "permission_denied", "message": "没有权限进行此操作", "fields": {}, "facts": {}}


@pytest.mark.django_db
@pytest.mark.parametrize("endpoint", [one for one in ENDPOINTS if one not in PRIVATE], ids=lambda one: one.path)
def test_public_endpoints_ask_nobody_who_they_are(endpoint: Endpoint, visitor: Api, staff_api: Api):
    for caller in (visitor, staff_api):
        assert caller.generic(endpoint.method.upper(), endpoint.path).status_code not in {401, 403, 500}


@pytest.mark.django_db
def test_a_session_cookie_is_worth_nothing_here(member: Member, visitor: Api):
    assert member.user is not None
    visitor.force_login(member.user)
    answer = visitor.get("me/")
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "code", "message"),
    [("frozen", "member_frozen", "该账号已被冻结，请联系客服"), ("closed", "member_closed", "该账号已注销")],
)
def test_a_member_who_is_frozen_or_gone_is_told_so(api: Api, member: Member, status: str, code: str, message: str):
    Member.objects.filter(pk=member.pk).update(status=status)
    answer = api.get("me/")
    assert (answer.status_code, answer.json()["code"], answer.json()["message"]) == (403, code, message)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "token",
    ["x" * 64, "短".encode().decode("latin-1"), "a b", "x\0y", "", "é" * 15, "a" * 5000],
    ids=lambda token: repr(token)[:12],
)
def test_what_is_no_token_is_refused_and_breaks_nothing(visitor: Api, token: str):
    answer = visitor.get("me/", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert answer.json() == {
        "code": "authentication_failed",
        "message": "登录已失效，请重新登录",
        "fields": {},
        "facts": {},
    }


@pytest.mark.django_db
def test_another_scheme_of_authentication_counts_as_none(visitor: Api):
    assert visitor.get("me/", headers={"Authorization": "Basic YTpi"}).json()["code"] == "not_authenticated"


@pytest.mark.django_db
def test_logging_out_ends_this_token_and_logging_out_everywhere_all_of_them(member: Member):
    assert member.user is not None
    first, second, third = (with_token(member.user) for _ in range(3))

    assert first.post("auth/logout/").status_code == 204
    assert [one.get("me/").status_code for one in (first, second, third)] == [401, 200, 200]

    assert second.post("auth/logout-all/").status_code == 204
    assert [one.get("me/").status_code for one in (second, third)] == [401, 401]


@pytest.mark.django_db
def test_the_eleventh_device_logs_the_first_one_out(member: Member):
    assert member.user is not None
    devices = [with_token(member.user) for _ in range(11)]
    assert [one.get("me/").status_code for one in (devices[0], devices[1], devices[10])] == [401, 200, 200]
