"""Form that no linter checks: how long files and functions are, and what files are called."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.embedded.places import ROOT

ROOMS = ("config", "points", "members", "mall", "campaigns", "analytics", "tests")
LONGEST_FILE = 400
LONGEST_FUNCTION = 40
NAMES_THAT_SAY_NOTHING = {"utils.py", "util.py", "helpers.py", "common.py", "misc.py"}


def sources() -> Iterator[Path]:
    """All Python files of ours, without migrations (Django writes those)."""
    yield from ROOT.glob("*.py")
    for room in ROOMS:
        yield from (path for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts)


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def test_the_walk_finds_every_room() -> None:
    found = {path.relative_to(ROOT).parts[0] for path in sources()}
    assert found.issuperset({*ROOMS, "manage.py", "conftest.py"})


def test_no_file_is_longer_than_400_lines() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in sources()}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_no_function_is_longer_than_40_lines() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{function.lineno} {function.name} has {length(function)} lines"
        for path in sources()
        for function in functions(ast.parse(path.read_text()))
        if length(function) > LONGEST_FUNCTION
    ]
    assert long == []


@pytest.mark.parametrize("name", sorted(NAMES_THAT_SAY_NOTHING))
def test_no_file_is_called_by_a_name_that_says_nothing(name: str) -> None:
    assert [str(path.relative_to(ROOT)) for path in sources() if path.name == name] == []


def test_a_function_of_41_lines_is_counted_as_such() -> None:
    source = "def long():\n" + "    pass\n" * 40
    assert [length(function) for function in functions(ast.parse(source))] == [41]
