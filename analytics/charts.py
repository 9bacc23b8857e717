"""Chart.js documents for the dashboard: data and options as JSON text."""

import json
from collections.abc import Sequence
from typing import Any

from config.theme import visible

_CARDS = ("#ffffff", "#18181b")  # the back office's, light and dark
_FONT = {"family": "'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif", "size": 12}
_TICKS = {"font": _FONT, "color": "#8b93a1"}
_LEGEND = {"labels": {"boxWidth": 8, "boxHeight": 8, "usePointStyle": True, "font": _FONT, "color": "#8b93a1"}}


def _axes(*, stacked: bool) -> dict[str, Any]:
    return {
        "x": {
            "stacked": stacked,
            "grid": {"display": False},
            "border": {"display": False},
            "ticks": {**_TICKS, "maxTicksLimit": 8, "maxRotation": 0},
        },
        "y": {
            "stacked": stacked,
            "beginAtZero": True,
            "border": {"display": False, "dash": [4, 4]},
            "grid": {"color": "rgba(148,163,184,.18)"},
            "ticks": {**_TICKS, "maxTicksLimit": 6},
        },
    }


def time_series_options(*, stacked: bool = False) -> str:
    """Options of a line or bar chart over days."""
    return json.dumps(
        {
            "responsive": True,
            "maintainAspectRatio": False,
            "animation": False,
            "interaction": {"mode": "index", "intersect": False},
            "plugins": {"legend": {"display": True, "align": "end", **_LEGEND}},
            "elements": {"point": {"radius": 0}},
            "scales": _axes(stacked=stacked),
        }
    )


def doughnut_options() -> str:
    """Options of the tier doughnut."""
    return json.dumps(
        {
            "responsive": True,
            "maintainAspectRatio": False,
            "animation": False,
            "cutout": "68%",
            "plugins": {"legend": {"display": True, "position": "right", **_LEGEND}},
        }
    )


def line(labels: Sequence[str], *, name: str, values: Sequence[float], color: str) -> str:
    """One filled line."""
    series = {
        "label": name,
        "data": list(values),
        "borderColor": color,
        "backgroundColor": f"{color}1a",
        "fill": True,
        "tension": 0.3,
        "borderWidth": 2,
    }
    return json.dumps({"labels": list(labels), "datasets": [series]})


def bars(labels: Sequence[str], series: Sequence[tuple[str, Sequence[int], str]]) -> str:
    """Stacked bars: (name, values, colour) each."""
    datasets = [
        {"label": name, "data": list(values), "backgroundColor": color, "borderRadius": 3, "maxBarThickness": 16}
        for name, values, color in series
    ]
    return json.dumps({"labels": list(labels), "datasets": datasets})


def doughnut(slices: Sequence[tuple[str, int, str]]) -> str:
    """(name, value, colour) each, in a lightness that stands out from a white card and from a dark one."""
    dataset = {
        "data": [s[1] for s in slices],
        "backgroundColor": [visible(s[2], against=_CARDS) for s in slices],
        "borderWidth": 0,
    }
    return json.dumps({"labels": [s[0] for s in slices], "datasets": [dataset]})
