"""What a figure is, and how it is printed and kept."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One measurement. `limit` is what could be reached at best in the same run, None where nothing compares."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    wanted: float | None = None  # the ratio aimed at
    at_most: bool = False  # the value should stay below the limit

    @property
    def ratio(self) -> float | None:
        """Value by limit."""
        return None if not self.limit else round(self.value / self.limit, 3)

    @property
    def verdict(self) -> str:
        """Whether what was aimed at was reached; empty when nothing was."""
        if self.wanted is None or self.ratio is None:
            return ""
        is_reached = self.ratio <= self.wanted if self.at_most else self.ratio >= self.wanted
        return "ok" if is_reached else "MISSED"

    def line(self) -> str:
        """The figure as one printed line."""
        text = f"{self.name:<22} {self.value:>12,.1f} {self.unit:<12}"
        if self.ratio is None:
            return text
        aim = "" if self.wanted is None else f" ({'≤' if self.at_most else '≥'} {self.wanted} {self.verdict})"
        return f"{text} limit {self.limit:>12,.1f}   ratio {self.ratio:>7.3f}{aim}"


def keep(figures: Iterable[Figure], path: Path) -> None:
    """Write the figures as JSON."""
    rows = [
        {key: value for key, value in {**asdict(f), "ratio": f.ratio}.items() if key not in {"wanted", "at_most"}}
        for f in figures
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
