"""Vendored files are what they were when they were picked, and each folder says under which licence."""

import hashlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = sorted(path for path in (ROOT / "static/vendor").iterdir() if path.is_dir())
PINNED = [*FOLDERS, ROOT / "config/demo/pictures"]


def pinned_hashes(folder: Path) -> dict[str, str]:
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def actual_hashes(folder: Path) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "SHA256SUMS"]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("folder", PINNED, ids=lambda path: path.name)
def test_every_vendored_file_matches_its_hash_and_none_is_unlisted(folder: Path) -> None:
    assert actual_hashes(folder) == pinned_hashes(folder)


@pytest.mark.parametrize("folder", PINNED, ids=lambda path: path.name)
def test_every_vendored_folder_carries_its_licence(folder: Path) -> None:
    assert "MIT License" in (folder / "LICENSE").read_text()


def test_folders_are_named_by_package_and_version() -> None:
    assert [folder.name for folder in FOLDERS] == ["fluentui-emoji-1.3.0", "tabler-icons-3.51.0"]


def test_the_demo_shop_has_pictures_enough_and_small_enough() -> None:
    sizes = [path.stat().st_size for path in (ROOT / "config/demo/pictures").glob("*.webp")]
    assert len(sizes) >= 30
    assert max(sizes) <= 15_000
