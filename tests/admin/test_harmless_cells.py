"""What somebody wrote is text to the spreadsheet that a list is opened in, never a formula."""

import pytest

from config.core.admin.spreadsheets import harmless

FORMULAS = [
    *("=1+1", "+1+1", "-1+1", "@SUM(A1)", '=HYPERLINK("https://example.org")'),
    *("＝1+1", "＋1+1", "－1+1", "＠SUM(A1)", "﹦1+1", "﹢1", "﹣1+1", "﹫A1"),
    *("\t=1+1", "\r=1+1", "\n=1+1", "\tplain", "\rplain", "\nplain", "\0=1+1"),
    *(" =1+1", "\u3000=1+1", "\ufeff=1+1", "\u200b＝1+1"),
    *("-", "+86 138", "＋8613800000001", "-１"),
]
PLAIN = ["", "杉", "a=1", "1-1", "'=1+1", "王 =1", "-5", "+8613800000001", "-0.5", " 5", "📱", 7, -7, None]


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_formula_becomes_text(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", PLAIN)
def test_what_is_none_stays_as_it_is(cell: object) -> None:
    assert harmless(cell) is cell
