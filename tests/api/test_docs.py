"""docs/api.md knows every code that the schema names, with its facts and its status."""

import re
from pathlib import Path
from typing import Any

from django.conf import settings
from drf_spectacular.generators import SchemaGenerator

from config.refusals import _MESSAGES

_CODE = re.compile(r"`(\w+)`")
_OF_ANY_VIEW = {"error", "throttled"}  # what DRF calls an error without a name of its own; told by the schema


def told() -> dict[tuple[str, str], set[str]]:
    """Facts by status and code, as the table has them."""
    text = (Path(settings.BASE_DIR) / "docs" / "api.md").read_text()
    rows = re.findall(r"^\| (\d{3}) \| ([^|]+)\| ([^|]*)\|", text, re.MULTILINE)
    return {(status, code): set(_CODE.findall(facts)) for status, codes, facts in rows for code in _CODE.findall(codes)}


def named() -> dict[tuple[str, str], set[str]]:
    """Facts by status and code, as the schema has them."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    answers = [
        (status, answer["description"])
        for methods in schema["paths"].values()
        for operation in methods.values()
        for status, answer in operation["responses"].items()
        if status[0] in "45"
    ]
    lines = [(status, *line.split("：", 1)) for status, text in answers for line in text.split("\n\n")]
    return {(status, code.strip("`")): _facts(sentence) for status, code, sentence in lines}


def _facts(sentence: str) -> set[str]:
    found = re.search(r"（facts：([^）]+)）$", sentence)
    return set(found[1].split("、")) if found else set()


def test_the_table_of_codes_is_that_of_the_schema():
    table, schema = told(), named()
    assert {key: table.get(key) for key in schema} == schema


def test_the_table_knows_the_codes_of_every_call():
    codes = {code for _, code in told()}
    assert _MESSAGES.keys() - _OF_ANY_VIEW - codes == set()
    assert {"bad_request", "internal_error"} <= codes
