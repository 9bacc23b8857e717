"""Every string that Unfold marks for translation, found the way makemessages finds them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import unfold
from django.utils.translation.template import templatize

_ROOT = Path(unfold.__file__).parent
_CALLS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
_LITERAL = r"""u?'(?:[^'\\]|\\.)*'|u?"(?:[^"\\]|\\.)*\""""
_CALL = re.compile(rf"\b(_|gettext|ngettext|pgettext)\(((?:\s*(?:{_LITERAL}|count)\s*,?)+)\)")


def strings() -> set[str]:
    """Message ids of Unfold's templates and modules, singulars and plurals alike."""
    return set(_of_templates()) | set(_of_modules())


def plurals() -> set[tuple[str, ...]]:
    """(singular, plural) of what templates count."""
    return {tuple(literals) for name, literals in _calls_of_templates() if name == "ngettext"}


def _of_templates() -> Iterator[str]:
    for name, literals in _calls_of_templates():
        yield from literals[1:] if name == "pgettext" else literals


def _calls_of_templates() -> Iterator[tuple[str, list[str]]]:
    for path in _ROOT.rglob("*.html"):
        source = templatize(path.read_text(), origin=str(path))
        for name, arguments in _CALL.findall(source):
            yield name, [ast.literal_eval(text) for text in re.findall(_LITERAL, arguments)]


def _of_modules() -> Iterator[str]:
    for path in _ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in _CALLS:
                texts = [part.value for part in node.args if isinstance(part, ast.Constant)]
                yield from (text for text in texts if isinstance(text, str))
