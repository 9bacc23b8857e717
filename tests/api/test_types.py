"""docs/api.ts is what the schema says today, and the generator says what OpenAPI means."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator

from config.core.typescript import typescript


def test_the_committed_types_are_those_of_the_schema(tmp_path: Path):
    call_command("api_types", file=tmp_path / "api.ts", verbosity=0)
    is_the_same = (tmp_path / "api.ts").read_text() == (Path(settings.BASE_DIR) / "docs" / "api.ts").read_text()
    assert is_the_same, "run: python manage.py api_types"


def test_every_component_and_operation_has_its_types():
    schema = SchemaGenerator().get_schema(request=None, public=True)
    text = typescript(schema)
    assert "unknown" not in text
    for name in schema["components"]["schemas"]:
        assert f"export interface {name} {{" in text or f"export type {name} = " in text
    for methods in schema["paths"].values():
        for operation in methods.values():
            assert f"\n  {operation['operationId']}: {{\n" in text


@pytest.mark.parametrize(
    ("part", "type_"),
    [
        ({"type": "integer"}, "number"),
        ({"type": "string", "nullable": True}, "string | null"),
        ({"type": "string", "enum": ["a", "b"]}, '"a" | "b"'),
        ({"$ref": "#/components/schemas/Other"}, "Other"),
        ({"allOf": [{"$ref": "#/components/schemas/Other"}], "nullable": True}, "Other | null"),
        ({"oneOf": [{"$ref": "#/x/A"}, {"$ref": "#/x/B"}]}, "A | B"),
        ({"type": "array", "items": {"type": "string"}}, "string[]"),
        ({"type": "array", "items": {"type": "string", "nullable": True}}, "(string | null)[]"),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "Record<string, number>"),
    ],
)
def test_a_schema_becomes_the_type_that_means_it(part: dict[str, Any], type_: str):
    text = typescript({"components": {"schemas": {"Thing": part}}, "paths": {}})
    assert f"export type Thing = {type_};\n" in text


def test_an_object_becomes_an_interface_with_what_may_be_missing():
    thing = {
        "type": "object",
        "description": "A thing.",
        "properties": {"id": {"type": "integer", "description": "编号 */"}, "x-y": {"type": "boolean"}},
        "required": ["id"],
    }
    text = typescript({"components": {"schemas": {"Thing": thing}}, "paths": {}})
    assert text.split("\n\n")[1] == (
        '/** A thing. */\nexport interface Thing {\n  /** 编号 * / */\n  id: number;\n  "x-y"?: boolean;\n}'
    )
