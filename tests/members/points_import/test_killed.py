"""Imports in processes of their own: killed at the worst moments, and large ones."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import Sum

from config.embedded.places import ROOT
from members.models import Member, PointsNote
from points import ledger
from points.models import Entry

pytestmark = pytest.mark.django_db(transaction=True)


def importer(path: Path, *options: str, die_at: str = "") -> "subprocess.Popen[str]":
    """The command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.members.points_import.importer", str(path), *options],
        cwd=ROOT,
        env={**os.environ, "IMPORT_TEST_DATABASE": connection.settings_dict["NAME"], "DIE_AT": die_at},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def a_file(path: Path, rows: int) -> Path:
    """Rows of ten points each; every phone stands in two of them, and every seventh row has a note."""
    lines = [f"{13800000000 + row // 2},10,,{'老店' if row % 7 == 0 else ''}" for row in range(rows)]
    path.write_text("\n".join(["手机号,积分,到期,备注", *lines]), encoding="utf-8")
    return path


def test_killed_again_and_again_every_line_is_booked_once(tmp_path: Path) -> None:
    path, booked = a_file(tmp_path / "a.csv", 5000), []
    options = ("--commit", "--create-members", "--rejects", str(tmp_path / "r.csv"))
    for die_at in ("booking:1", "noting:1", "noting:2", "booking:3", "noting:4"):
        process = importer(path, *options, die_at=die_at)
        _, errors = process.communicate(timeout=120)
        assert process.returncode == -signal.SIGKILL, errors
        booked.append(Entry.objects.count())
    assert booked == [0, 0, 1000, 2000, 3000]
    last = importer(path, *options)
    printed, errors = last.communicate(timeout=120)
    assert last.returncode == 0, errors
    assert "此前已写入：3,000 行 · 30,000 积分" in printed
    assert "本次写入：2,000 行 · 20,000 积分" in printed
    assert (Entry.objects.count(), Entry.objects.aggregate(points=Sum("points"))["points"]) == (5000, 50_000)
    assert (Member.objects.count(), PointsNote.objects.count()) == (2500, 715)
    assert ledger.audit() == []


def peak(path: Path, report: Path) -> int:
    """KiB that a dry run takes at most."""
    process = importer(path, "--rejects", str(report))
    printed, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    found = re.search(r"peak (\d+) KiB", printed)
    assert found is not None
    return int(found[1])


def test_twenty_times_the_rows_take_hardly_more_memory(tmp_path: Path) -> None:
    small, large = (peak(a_file(tmp_path / f"{rows}.csv", rows), tmp_path / "r.csv") for rows in (5000, 100_000))
    assert large - small < 30 * 1024
