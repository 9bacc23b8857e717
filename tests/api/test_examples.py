"""Every operation of the schema shows an answer that was really given, and what is answered is what the schema says."""

import json
import os
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator
from jsonschema import Draft7Validator

from config.core import openapi_examples
from tests.api.conftest import Api, Goods
from tests.api.walk import walked


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    found: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return found


def operations(schema: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for methods in schema["paths"].values() for one in methods.values()]


def main_answer(operation: dict[str, Any]) -> dict[str, Any] | None:
    """The body of what the operation answers when all is well."""
    ok = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
    content: dict[str, Any] | None = ok.get("content", {}).get("application/json")
    return content


def as_json_schema(part: Any) -> Any:
    """OpenAPI 3.0 in the words of JSON Schema, and no key that the schema doesn't name."""
    if isinstance(part, list):
        return [as_json_schema(one) for one in part]
    if not isinstance(part, dict):
        return part
    said = {name: as_json_schema(one) for name, one in part.items() if name != "nullable"}
    if said.get("type") == "object" and "properties" in said and "allOf" not in said:
        said.setdefault("additionalProperties", False)
    return {"anyOf": [said, {"type": "null"}]} if part.get("nullable") is True else said


def faults(schema: dict[str, Any], answers: dict[str, Any]) -> list[str]:
    components = as_json_schema(schema["components"])
    found = []
    for operation in operations(schema):
        name, content = operation["operationId"], main_answer(operation)
        if content is None or name not in answers:
            continue
        says = {**as_json_schema(content["schema"]), "components": components}
        found += [
            f"{name}: {error.json_path} {error.message}" for error in Draft7Validator(says).iter_errors(answers[name])
        ]
    return found


@pytest.mark.django_db(transaction=True)
def test_a_walk_through_all_operations_is_answered_as_the_schema_says(
    schema: dict[str, Any], visitor: Api, goods: Goods
):
    answers = walked(visitor, goods)
    with_body = {one["operationId"] for one in operations(schema) if main_answer(one)}
    assert set(answers) == with_body
    assert faults(schema, answers) == []
    if os.environ.get("RECORD_EXAMPLES"):
        openapi_examples.FILE.write_text(json.dumps(answers, ensure_ascii=False, indent=1) + "\n")


def test_every_main_answer_has_an_example_that_the_schema_allows(schema: dict[str, Any]):
    without = [one["operationId"] for one in operations(schema) if (body := main_answer(one)) and "example" not in body]
    assert without == []
    assert faults(schema, openapi_examples.recorded()) == []


def test_every_body_that_is_sent_has_an_example(schema: dict[str, Any]):
    bodies = {
        one["operationId"]: body
        for one in operations(schema)
        if (body := one.get("requestBody", {}).get("content", {}).get("application/json"))
    }
    assert len(bodies) >= 12
    assert [name for name, body in bodies.items() if not body.get("examples")] == []


def test_nothing_in_the_schema_is_an_object_of_unknown_shape(schema: dict[str, Any]):
    def unknown(part: Any, path: str) -> list[str]:
        if isinstance(part, list):
            return [found for number, one in enumerate(part) for found in unknown(one, f"{path}.{number}")]
        if not isinstance(part, dict):
            return []
        is_free = part.get("type") == "object" and not part.get("properties") and not part.get("additionalProperties")
        below = [found for name, one in part.items() if name != "example" for found in unknown(one, f"{path}.{name}")]
        return [path, *below] if is_free else below

    assert unknown(schema["components"]["schemas"], "") == []
    assert unknown(schema["paths"], "") == []
