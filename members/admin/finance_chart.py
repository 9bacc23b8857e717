"""The chart of finance's months: what came and went as stacked bars, what was outstanding then as a line."""

import json
from collections.abc import Sequence
from typing import Any

from members.admin.finance_rows import Row
from points.rules.movements import Column

_FONT = {"family": "'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',sans-serif", "size": 12}
_GREY = "#8b93a1"
_TICKS = {"font": _FONT, "color": _GREY}
_BARS: list[tuple[str, str, list[Column]]] = [
    ("发放", "#d9381a", [Column.ISSUED]),
    ("退还与调增", "#f2a58f", [Column.RESTORED, Column.RAISED]),
    ("消耗", "#64748b", [Column.SPENT]),
    ("过期", "#f5b041", [Column.LAPSED]),
    ("扣回等", "#a78bfa", [Column.CLAWED_BACK, Column.REPAID, Column.LOWERED, Column.FORFEITED, Column.MERGED]),
]


def chart(rows: Sequence[Row]) -> str:
    """Chart.js data as JSON text."""
    bars = [
        {
            "label": name,
            "data": [sum(row.moved(column).points for column in columns) for row in rows],
            "backgroundColor": color,
            "borderRadius": 3,
            "maxBarThickness": 22,
            "stack": "movements",
            "order": 2,
        }
        for name, color, columns in _BARS
    ]
    line = {
        "type": "line",
        "label": "期末未兑付（右轴）",
        "data": [row.closing.points for row in rows],
        "borderColor": "#0ea5e9",
        "backgroundColor": "#0ea5e9",
        "borderWidth": 2,
        "pointRadius": 2,
        "tension": 0.25,
        "yAxisID": "outstanding",
        "order": 1,
    }
    return json.dumps({"labels": [row.name for row in rows], "datasets": [*bars, line]})


def options() -> str:
    """Chart.js options as JSON text."""
    legend = {"boxWidth": 8, "boxHeight": 8, "usePointStyle": True, "font": _FONT, "color": _GREY}
    return json.dumps(
        {
            "responsive": True,
            "maintainAspectRatio": False,
            "animation": False,
            "interaction": {"mode": "index", "intersect": False},
            "plugins": {"legend": {"display": True, "align": "end", "labels": legend}},
            "scales": {
                "x": {"stacked": True, "grid": {"display": False}, "ticks": {**_TICKS, "maxRotation": 0}},
                "y": _axis({"color": "rgba(148,163,184,.18)"}),
                "outstanding": _axis({"display": False}) | {"position": "right", "stacked": False},
            },
        }
    )


def _axis(grid: dict[str, Any]) -> dict[str, Any]:
    return {
        "stacked": True,
        "beginAtZero": True,
        "border": {"display": False},
        "grid": grid,
        "ticks": {**_TICKS, "maxTicksLimit": 6},
    }
