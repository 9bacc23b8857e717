"""Documents that promise to be complete are."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from config.core.policies import Policies

ROOT = Path(__file__).resolve().parents[2]


def test_every_policy_is_listed_with_its_default() -> None:
    text = (ROOT / "docs/policies.md").read_text()
    listed = dict(re.findall(r"^\| `([a-z_]+)` \| ([^|]+?) \|", text, re.MULTILINE))
    assert listed == {field.name: str(field.default).lower() for field in fields(Policies)}


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "README.zh-CN.md",
        "CONTRIBUTING.md",
        "docs/import.md",
        "docs/merchant.zh-CN.md",
        "docs/operations.zh-CN.md",
    ],
)
def test_links_lead_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", (ROOT / page).read_text())
    inside = [link for link in links if "://" not in link]
    assert [link for link in inside if not ((ROOT / page).parent / link).exists()] == []


def test_decisions_are_short() -> None:
    assert {p.name: len(p.read_text().splitlines()) for p in (ROOT / "docs/adr").glob("*.md")}.items() <= {
        (p.name, n) for p in (ROOT / "docs/adr").glob("*.md") for n in range(21)
    }
