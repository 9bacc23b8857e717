"""Values of tier card and benefit table, for pages and blocks alike."""

from typing import Any

from django.core.files.storage import default_storage

from config.core.templatetags.h5 import art
from members.rules.benefits import KINDS, Terms, words
from members.selectors.centre import Ladder
from members.selectors.tiers import TierRow

_SKINS = 4


def avatar_url(avatar: str) -> str:
    """Where a member's picture is: one that comes with the shop, or their own upload."""
    return default_storage.url(avatar) if "/" in avatar else art(f"avatar-{avatar}")


def tier_card_values(ladder: Ladder) -> dict[str, Any]:
    """What the tier card shows: name, art, progress and steps."""
    way = ladder.progress
    return {
        "name": ladder.current.rung.name,
        "rank": ladder.current.rung.rank,
        "art": ladder.current.art,
        "skin": f"t{min(ladder.current.rung.rank, _SKINS)}",
        "growth": ladder.growth,
        "percent": way.percent,
        "next_name": way.next.name if way.next else "",
        "next_threshold": way.next.threshold if way.next else 0,
        "missing": way.missing,
        "steps": [{"name": short_name(row), "state": _state(row, ladder)} for row in ladder.tiers],
    }


def benefit_table(ladder: Ladder) -> dict[str, Any]:
    """All tiers side by side: a column each, a row for the growth needed and for every benefit."""
    own = ladder.current.rung.id
    columns = [{"name": short_name(row), "art": row.art, "is_own": row.rung.id == own} for row in ladder.tiers]
    rows = [{"name": "所需成长值", "cells": _cells(ladder, [f"{row.rung.threshold:,}" for row in ladder.tiers])}]
    for key, name in _subjects(ladder).items():
        found = [next((b for b in row.benefits if _subject(b) == key), None) for row in ladder.tiers]
        rows.append({"name": name, "cells": _cells(ladder, [_cell(benefit) for benefit in found])})
    return {"columns": columns, "rows": rows}


def short_name(row: TierRow) -> str:
    """黄金 for 黄金会员."""
    return row.rung.name.removesuffix("会员") or row.rung.name


def _state(row: TierRow, ladder: Ladder) -> str:
    own = ladder.current.rung.rank
    return "now" if row.rung.rank == own else "on" if row.rung.rank < own else ""


def _subject(benefit: Terms) -> str:
    return benefit.title if benefit.kind == "other" else benefit.kind


def _subjects(ladder: Ladder) -> dict[str, str]:
    found = {_subject(benefit): benefit.title for row in ladder.tiers for benefit in row.benefits}
    return {key: KINDS[key].title if key in KINDS else title for key, title in found.items()}


def _cell(benefit: Terms | None) -> str:
    return "—" if benefit is None else words(kind=benefit.kind, value=benefit.value)


def _cells(ladder: Ladder, texts: list[str]) -> list[dict[str, Any]]:
    own = ladder.current.rung.id
    return [{"text": text, "is_own": row.rung.id == own} for text, row in zip(texts, ladder.tiers, strict=True)]
