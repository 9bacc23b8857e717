"""Starting a nightly process and killing it half-way through a chunk."""

import os
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
NAMED = {"PGAPPNAME": "to be killed"}  # in a process's environment: so the server knows its connections


def start(name: str, *, at: datetime, limit: int) -> "subprocess.Popen[str]":
    """That task on this test's database."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.points.nightly_process", name, at.isoformat(), str(limit)],
        cwd=ROOT,
        env={
            **os.environ,
            **NAMED,
            "LEDGER_TEST_DATABASE": str(connection.settings_dict["NAME"]),
            "LOG_LEVEL": "WARNING",
        },
        stdout=subprocess.PIPE,
        text=True,
    )


def kill_in_chunk(name: str, number: int, *, at: datetime, limit: int, after: float) -> int:
    """SIGKILL the task `after` seconds into its nth chunk; how many chunks it had told to be committed."""
    process = start(name, at=at, limit=limit)
    assert process.stdout is not None
    told = []
    for line in process.stdout:
        told.append(line)
        if line == f"begins {number}\n":
            time.sleep(after)
            process.kill()
            break
    rest = process.stdout.read()
    process.stdout.close()
    assert process.wait(timeout=30) == -9, "it ended before it was killed"
    wait_until_its_connections_are_gone()
    return "".join([*told, rest]).count("ended")


def run_to_the_end(name: str, *, at: datetime, limit: int) -> int:
    """Let the task finish; how many chunks it made."""
    printed, _ = start(name, at=at, limit=limit).communicate(timeout=120)
    assert printed.endswith("done 0\n")
    return printed.count("begins")


def wait_until_its_connections_are_gone() -> None:
    """The server notices that its client is gone, and takes back what wasn't committed."""
    for _ in range(1200):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s",
                [NAMED["PGAPPNAME"]],
            )
            if cursor.fetchone() == (0,):
                return
        time.sleep(0.05)
    raise TimeoutError("a killed process still holds a connection")
