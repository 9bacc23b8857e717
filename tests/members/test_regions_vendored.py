"""The table of regions is the one that was picked."""

import hashlib
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "members" / "regions"


def test_the_regions_match_their_hashes_and_carry_their_licence() -> None:
    pinned = dict(reversed(line.split("  ", 1)) for line in (FOLDER / "SHA256SUMS").read_text().splitlines())
    actual = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in FOLDER.iterdir()
        if path.name != "SHA256SUMS"
    }
    assert actual == pinned
    assert "MIT License" in (FOLDER / "LICENSE").read_text()
