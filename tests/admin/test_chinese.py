"""The back office speaks Chinese: no string of Unfold is left untranslated, and what is compiled is what is written."""

import ast
import gettext as gnu_gettext
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext, ngettext

from tests.admin import unfold_strings
from tests.admin.unfold_strings import strings

CATALOGUE = Path(settings.BASE_DIR) / "config" / "unfold_locale" / "zh_Hans" / "LC_MESSAGES"
LATIN = re.compile(r"[A-Za-z]{2}")
# second halves of ngettext: found by their first halves
PLURALS = {text for pair in unfold_strings.plurals() for text in pair[1:]}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


def is_translated(text: str) -> bool:
    """Whether the catalogues know the text, as itself or as one side of a plural."""
    return gettext(text) != text or ngettext(text, text, 1) != text or text in PLURALS


def test_unfold_marks_a_plausible_number_of_strings() -> None:
    found = strings()
    assert len(found) > 150
    assert {"Run the selected action", "Type to search", "Choose file to upload"} <= found


def test_no_string_of_unfold_is_left_untranslated() -> None:
    with translation.override("zh-hans"):
        words = {text for text in strings() if LATIN.search(PLACEHOLDER.sub("", text))}
        left = {text for text in words if not is_translated(text)}
    assert left == set()


def test_without_our_catalogue_many_would_be_left() -> None:
    """The control: what the test above looks for is really found."""
    ours = set(written())
    assert len(strings() & ours) > 80


def written() -> dict[str, str]:
    """msgid -> msgstr of the .po, plural forms as the catalogue keeps them: first form only."""
    entries: dict[str, str] = {}
    blocks = (CATALOGUE / "django.po").read_text().split("\n\n")
    for block in blocks:
        parts: dict[str, str] = {}
        name = ""
        for line in block.splitlines():
            if match := re.match(r"(msgid|msgid_plural|msgstr|msgstr\[0\]|msgctxt) ", line):
                name = match[1]
                line = line[match.end() :]
            if line.startswith('"') and name:
                parts[name] = parts.get(name, "") + ast.literal_eval(line)
        if parts.get("msgid"):
            entries[parts["msgid"]] = parts.get("msgstr") or parts["msgstr[0]"]
    return entries


def compiled() -> dict[str, str]:
    with (CATALOGUE / "django.mo").open("rb") as file:
        catalogue = gnu_gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    return {(key[0] if isinstance(key, tuple) else key): text for key, text in catalogue.items() if key}


def test_the_compiled_catalogue_is_the_written_one() -> None:
    assert compiled() == written()


@pytest.mark.parametrize(("msgid", "msgstr"), sorted(written().items()), ids=lambda text: text[:40])
def test_a_translation_keeps_every_placeholder(msgid: str, msgstr: str) -> None:
    assert msgstr
    assert sorted(set(PLACEHOLDER.findall(msgstr))) == sorted(set(PLACEHOLDER.findall(msgid)))
