"""Values of tier card and benefit table, for pages and blocks alike."""

from typing import Any

from django.core.files.storage import default_storage

from config.core import policies
from config.core.templatetags.h5 import art
from members.rules.benefits import KINDS, Terms, words
from members.rules.periods import Qualification
from members.selectors.centre import Ladder
from members.selectors.growth import shops_way
from members.selectors.periods import Held
from members.selectors.tiers import TierRow

_SKINS = 4


def avatar_url(avatar: str) -> str:
    """Where a member's picture is: one that comes with the shop, or their own upload."""
    return default_storage.url(avatar) if "/" in avatar else art(f"avatar-{avatar}")


def tier_period_values(ladder: Ladder, held: Held) -> dict[str, Any]:
    """When the tier ends, what keeps it, and what the next one takes in money."""
    to_keep, cost = held.missing_to_keep(ladder.current.rung), policies.current().growth_cost_cents
    return {
        "last_day": held.last_day,
        "missing_to_keep": to_keep,
        "missing_to_keep_cents": to_keep * cost,
        "missing_cents": ladder.progress.missing * cost,
    }


def tier_card_values(ladder: Ladder, held: Held | None = None) -> dict[str, Any]:
    """What the tier card shows: name, art, progress and steps, and with `held` when the tier ends and what keeps it."""
    way = ladder.progress
    return {
        **tier_period_values(ladder, held or Held()),
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


def benefit_tabs(ladder: Ladder, held: Held) -> list[dict[str, Any]]:
    """A tab per tier, lowest first: its benefits in words, whether they are the member's own, and what was used."""
    own = ladder.current.rung
    return [
        {
            "code": row.rung.code,
            "name": short_name(row),
            "is_own": row.rung.id == own.id,
            "is_locked": row.rung.rank > own.rank,
            "threshold": row.rung.threshold,
            "missing": max(row.rung.threshold - ladder.growth, 0),
            "missing_cents": max(row.rung.threshold - ladder.growth, 0) * policies.current().growth_cost_cents,
            "perks": [
                _perk(one, used=held.used.get(one.kind, 0), is_own=row.rung.id == own.id) for one in row.benefits
            ],
        }
        for row in ladder.tiers
    ]


def _perk(benefit: Terms, *, used: int, is_own: bool) -> dict[str, Any]:
    known = KINDS[benefit.kind] if benefit.kind in KINDS else KINDS["other"]
    is_counted = is_own and known.is_monthly and benefit.value is not None
    return {
        "title": benefit.title,
        "subtitle": benefit.note,
        "icon": benefit.icon,
        "amount": words(kind=benefit.kind, value=benefit.value),
        "use": f"本月已用 {used} / {int(benefit.value)} 次" if is_counted and benefit.value is not None else "",
    }


def tier_rules() -> list[str]:
    """How tiers are won and kept in this shop, as members read it."""
    shop = policies.current()
    way = shops_way()
    if way.is_for_life:
        return ["等级按累计成长值评定，达到后立即升级，长期有效。"]
    if way.qualification == Qualification.CALENDAR_YEAR:
        won = "等级按当年（1 月 1 日至 12 月 31 日）获得的成长值评定，达到后立即升级，有效至当年年底。"
    else:
        won = f"等级按最近 {way.months} 个月内获得的成长值评定，达到后立即升级，有效期 {way.months} 个月。"
    grace = f"另有 {shop.tier_grace_days} 天宽限期，" if shop.tier_grace_days else ""
    return [won, f"有效期结束时达到保级成长值即可续期，未达到则降一级；{grace}保级看有效期内获得的成长值。"]


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
