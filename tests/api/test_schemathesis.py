"""The schema on trial: calls that it allows, and calls that it doesn't, are answered as it says; never with 500."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
import schemathesis
from django.core import signals
from django.core.handlers.wsgi import WSGIHandler
from django.db import close_old_connections, transaction
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, settings
from schemathesis import checks

from mall.models import Order
from tests import standing
from tests.api.conftest import address_for, give_points, place, put_goods, with_token
from tests.members.factories import a_member

pytestmark = pytest.mark.django_db

AUTHORIZATION: Final = "Authorization"
_CALLS: Final = 5  # of each kind of each operation
SCHEMA: Final = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))
SCHEMA.app = WSGIHandler()
# A cursor or a quantity may be refused although its type is right: rules like these stand in the domain, and refusing
# is answered as documented. Who may call what is tests/api/test_access.py's subject.
# Parts of a query that nobody asked for are not read, and a call that was aimed may have become a good one.
_NOT_ASKED_OF_OTHERS: Final = [checks.CHECKS.get_one("negative_data_rejection")]
_NOT_ASKED: Final = [checks.CHECKS.get_one("positive_data_acceptance"), checks.CHECKS.get_one("ignored_auth")]


@contextmanager
def one_call() -> Iterator[None]:
    """A call whose end leaves the test's connection open, and whose effects are taken back."""
    before = transaction.savepoint()
    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (signals.request_started, signals.request_finished):
            signal.connect(close_old_connections)
        transaction.savepoint_rollback(before)


@pytest.fixture(scope="module")
def existing(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Any]]:
    """Something of the member's for every part of an address, and the header that says who calls."""
    yield from standing.made_once(_existing, django_db_blocker)


def _existing() -> dict[str, Any]:
    member = a_member(phone="13800000001", nickname="小杉")
    assert member.user is not None
    api, address = with_token(member.user), address_for(member)
    entry = give_points(member, 5000)
    sku = put_goods("茶礼", points=100)
    number = place(api, sku, address)
    started = api.post(f"orders/{number}/payments/", {"provider": "sandbox"}, headers={"Idempotency-Key": "p"}).json()
    line = api.post("cart/lines/", {"sku_id": sku.pk, "quantity": 1}).json()["rows"][0]["line_id"]
    receipt = api.post("check-in/").json()["receipt_id"]
    assert Order.objects.get().number == number
    return {
        "number": number,
        "out_trade_no": started["out_trade_no"],
        "product_id": sku.product_id,
        "address_id": address.pk,
        "line_id": line,
        "entry_id": entry,
        "receipt_id": receipt or 1,
        "sku_id": sku.pk,
        AUTHORIZATION: api._credentials["HTTP_AUTHORIZATION"],
    }


@SCHEMA.parametrize()
@settings(max_examples=_CALLS, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
def test_calls_are_answered_as_the_schema_says(case: schemathesis.Case, existing: dict[str, Any]):
    is_other = _aimed(case, existing) or _says_more(case)
    headers = {AUTHORIZATION: existing[AUTHORIZATION]}
    with one_call():
        case.call_and_validate(headers=headers, excluded_checks=_NOT_ASKED + _NOT_ASKED_OF_OTHERS * is_other)


def _says_more(case: schemathesis.Case) -> bool:
    """Whether the query has parts that the schema doesn't name, or that are empty: those count as left out."""
    named = {one["name"] for one in case.operation.definition.raw.get("parameters", []) if one["in"] == "query"}
    said = case.query or {}
    return not named.issuperset(said) or "" in said.values()


def _aimed(case: schemathesis.Case, existing: dict[str, Any]) -> bool:
    """Aim half of the calls at what exists: those whose generated number is odd. True when this one was."""
    body = case.body if isinstance(case.body, dict) else {}
    lines = [line for line in _list(body.get("lines")) if isinstance(line, dict)]
    aims = [
        (part, name)
        for part in (case.path_parameters or {}, body, *lines)
        for name in existing.keys() & part.keys()
        if str(part[name])[-1:] in set("13579")
    ]
    for part, name in aims:
        part[name] = existing[name]
    return bool(aims)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
