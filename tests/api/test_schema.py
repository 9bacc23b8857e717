"""The schema says everything that the API does, and the docs page needs nothing from elsewhere."""

import re
from typing import Any

import pytest
from django.core.management import call_command

from tests.api.conftest import Api
from tests.api.test_access import ENDPOINTS

_CHINESE = re.compile("[一-龥]")
_PLAIN = {"api-schema", "api-docs"}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    from drf_spectacular.generators import SchemaGenerator

    found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return found


def operations(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method} {path}": operation
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    }


def test_the_schema_is_valid_and_complete_without_a_warning(tmp_path: Any):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yml"))


def test_every_endpoint_is_in_the_schema(schema: dict[str, Any]):
    assert len(operations(schema)) == len([one for one in ENDPOINTS if one.name not in _PLAIN])


def test_every_operation_is_described_in_chinese_under_a_name_of_its_own(schema: dict[str, Any]):
    found = operations(schema)
    untold = [name for name, one in found.items() if not _CHINESE.search(one["summary"] + one.get("description", ""))]
    undescribed = [name for name, one in found.items() if not one.get("description") or not one.get("tags")]
    assert (untold, undescribed) == ([], [])
    assert len({one["operationId"] for one in found.values()}) == len(found)


def test_every_refusal_has_the_one_shape_and_names_its_codes(schema: dict[str, Any]):
    wrong = [
        f"{name} {status}"
        for name, one in operations(schema).items()
        for status, response in one["responses"].items()
        if status[0] not in "23"
        and (
            response["content"]["application/json"]["schema"] != {"$ref": "#/components/schemas/ErrorBody"}
            or "`" not in response["description"]
        )
    ]
    assert wrong == []


def test_what_needs_a_member_says_so(schema: dict[str, Any]):
    found = operations(schema)
    assert found["get /api/v1/me/"]["security"] == [{"memberToken": []}]
    assert {"401", "403"} <= set(found["get /api/v1/me/"]["responses"])
    assert schema["components"]["securitySchemes"]["memberToken"] == {"type": "http", "scheme": "bearer"}


def test_orders_ask_for_an_idempotency_key_and_other_posts_offer_one(schema: dict[str, Any]):
    required = {
        name: parameter["required"]
        for name, one in operations(schema).items()
        for parameter in one.get("parameters", [])
        if parameter["name"] == "Idempotency-Key" and parameter.get("required")
    }
    assert sorted(required) == [
        "post /api/v1/orders/",
        "post /api/v1/orders/{number}/payments/",
        "post /api/v1/plans/{plan_id}/orders/",
        "post /api/v1/redemptions/",
    ]


@pytest.mark.django_db
def test_the_docs_page_loads_only_from_this_shop_and_may_do_more_than_other_pages(visitor: Api):
    page = visitor.get("docs/")
    links = re.findall(r'(?:src|href)="([^"]+)"', page.content.decode())
    assert links
    assert [link for link in links if not link.startswith("/")] == []
    assert "style-src 'self' 'unsafe-inline'" in page["Content-Security-Policy"]
    assert "unsafe" not in re.sub(r"style-src[^;]*", "", page["Content-Security-Policy"])
    assert "unsafe-inline" not in re.sub(r"style-src-attr[^;]*", "", visitor.get("tiers/")["Content-Security-Policy"])
    script = visitor.get("docs/?script=")
    assert '"validatorUrl": null' in script.content.decode()


@pytest.mark.django_db
def test_the_schema_is_served_to_anybody(visitor: Api):
    answer = visitor.get("schema/?format=json")
    assert (answer.status_code, answer.json()["openapi"][:2]) == (200, "3.")
