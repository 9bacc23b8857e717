"""Provinces, cities and districts of China, by their administrative codes."""

import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

_SOURCE = Path(__file__).resolve().parent.parent / "regions" / "areas.json"


class Region(NamedTuple):
    """A place and its six-digit code."""

    code: str
    name: str


@cache
def _areas() -> dict[str, dict[str, str]]:
    areas: dict[str, dict[str, str]] = json.loads(_SOURCE.read_text(encoding="utf-8"))
    return areas


def provinces() -> list[Region]:
    """All provinces."""
    return [Region(*item) for item in _areas()["province_list"].items()]


def cities(*, province: str) -> list[Region]:
    """The cities of a province; none for a code that is no province."""
    if province not in _areas()["province_list"]:
        return []
    return [Region(code, name) for code, name in _areas()["city_list"].items() if code[:2] == province[:2]]


def districts(*, city: str) -> list[Region]:
    """The districts of a city; none for a code that is no city."""
    if city not in _areas()["city_list"]:
        return []
    return [Region(code, name) for code, name in _areas()["county_list"].items() if code[:4] == city[:4]]


def ancestors(*, district: str) -> tuple[str, str]:
    """The codes of a district's province and city; empty for a code that is no district."""
    if district not in _areas()["county_list"]:
        return "", ""
    return district[:2] + "0000", district[:4] + "00"


def full_name(*, district: str) -> str:
    """省 市 区 of a district, a municipality named once; empty for a code that is no district."""
    province, city = ancestors(district=district)
    if not province:
        return ""
    areas = _areas()
    names = [areas["province_list"][province], areas["city_list"][city], areas["county_list"][district]]
    return " ".join(dict.fromkeys(names))
