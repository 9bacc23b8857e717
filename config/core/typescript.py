"""TypeScript types of an OpenAPI schema: an interface per component; `Operations` names what goes in and comes out."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

_HEADER: Final = """\
// Types of the API. Generated from its OpenAPI schema by `python manage.py api_types`; do not edit.
// Amounts are whole cents, times are ISO 8601 with an offset. docs/api.md tells how to call.
"""
_NAMES: Final = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean"}
_PARTS: Final = (("path", "path"), ("query", "query"), ("header", "headers"))

Schema = Mapping[str, Any]


def typescript(schema: Schema) -> str:
    """The module, components by name and then the operations."""
    components = [_component(name, part) for name, part in sorted(schema["components"]["schemas"].items())]
    operations = [
        _operation(path, method, operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]
    told = "/** Every operation: where it is, what it takes and what it answers when all is well. */\n"
    return "\n".join([_HEADER, *components, f"{told}export interface Operations {{\n{''.join(operations)}}}\n"])


def _component(name: str, part: Schema) -> str:
    said = _said(part.get("description", ""), "")
    if part.get("type") == "object" and "properties" in part:
        return f"{said}export interface {name} {_object(part, '')}\n"
    return f"{said}export type {name} = {_type(part, '')};\n"


def _operation(path: str, method: str, operation: Schema) -> str:
    lines = [f"method: {json.dumps(method.upper())};", f"address: {json.dumps(path)};"]
    for place, name in _PARTS:
        found = [one for one in operation.get("parameters", []) if one["in"] == place]
        if found:
            optional = "" if any(one.get("required") for one in found) else "?"
            lines.append(f"{name}{optional}: {_parameters(found, '    ')};")
    if body := operation.get("requestBody"):
        lines.append(f"body{'' if body.get('required') else '?'}: {_content(body)};")
    ok = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
    lines.append(f"answer: {_content(ok)};")
    inside = "".join(f"    {line}\n" for line in lines)
    return f"{_said(operation['summary'], '  ')}  {operation['operationId']}: {{\n{inside}  }};\n"


def _parameters(parameters: Iterable[Schema], indent: str) -> str:
    properties = {one["name"]: {"description": one.get("description", ""), **one["schema"]} for one in parameters}
    required = [one["name"] for one in parameters if one.get("required")]
    return _object({"properties": properties, "required": required}, indent)


def _content(body: Schema) -> str:
    """What a body holds; null when there is none."""
    content = body.get("content", {}).get("application/json")
    return _type(content["schema"], "    ") if content else "null"


def _object(part: Schema, indent: str) -> str:
    required, inner = part.get("required", ()), f"{indent}  "
    lines = [
        f"{_said(one.get('description', ''), inner)}{inner}{_key(name)}{'' if name in required else '?'}: "
        f"{_type(one, inner)};\n"
        for name, one in part["properties"].items()
    ]
    return f"{{\n{''.join(lines)}{indent}}}"


def _type(part: Schema, indent: str) -> str:
    """The type in one expression."""
    name = _bare(part, indent)
    return f"{name} | null" if part.get("nullable") and "null" not in name.split(" | ") else name


def _bare(part: Schema, indent: str) -> str:
    if "$ref" in part:
        return str(part["$ref"].rsplit("/", 1)[-1])
    for key, sign in (("allOf", " & "), ("oneOf", " | "), ("anyOf", " | ")):
        if key in part:
            return sign.join(_type(one, indent) for one in part[key])
    if "enum" in part:
        return " | ".join(json.dumps(value, ensure_ascii=False) for value in part["enum"])
    if part.get("type") == "array":
        inner = _type(part["items"], indent)
        return f"({inner})[]" if "|" in inner or "&" in inner else f"{inner}[]"
    if "properties" in part:
        return _object(part, indent)
    if part.get("additionalProperties"):
        return f"Record<string, {_type(part['additionalProperties'], indent)}>"
    return _NAMES.get(part.get("type", ""), "unknown")


def _said(text: str, indent: str) -> str:
    """The description as a comment; lists of an enumeration's values are left out, the type says them."""
    lines = [line.strip() for line in text.replace("*/", "* /").splitlines() if not line.startswith("* `")]
    words = " ".join(line for line in lines if line)
    return f"{indent}/** {words} */\n" if words else ""


def _key(name: str) -> str:
    return name if name.isidentifier() else json.dumps(name)
