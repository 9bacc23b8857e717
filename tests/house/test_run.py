"""`make run`: one block of addresses, and no process left behind, whoever is killed."""

import os
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from config.embedded import tether
from config.run_children import AlreadyRunning, Yard
from tests.house.processes import eventually, kill, python

GRANDCHILD = "import time; time.sleep(60)"
CHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {GRANDCHILD!r}])"
PARENT = f"""
import os, sys, time
from pathlib import Path
from config.run_children import Yard
with Yard(var=Path(sys.argv[1])).occupied() as yard:
    yard.start_guard()
    yard.start("child", [sys.executable, "-c", {CHILD!r}], dict(os.environ))
    print("up", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def var() -> Iterator[Path]:
    with TemporaryDirectory(prefix="mall-test-") as path:
        yield Path(path).resolve()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def lock(var: Path, name: str) -> Path:
    return var / "run" / f"{name}.lock"


def group_is_gone(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


def test_the_guard_ends_children_and_grandchildren_of_a_killed_run(var: Path) -> None:
    parent = python("-c", PARENT, str(var), var=var)
    assert parent.stdout is not None
    assert parent.stdout.readline() == "up\n"
    group = int((var / "run" / "child.pid").read_text())
    assert not group_is_gone(group)
    kill(parent)
    assert eventually(lambda: group_is_gone(group))
    assert eventually(lambda: not tether.is_held(lock(var, "guard")))


def test_a_run_ends_what_is_left_when_parent_and_guard_were_killed(var: Path) -> None:
    parent = python("-c", PARENT, str(var), var=var)
    assert parent.stdout is not None
    assert parent.stdout.readline() == "up\n"
    group = int((var / "run" / "child.pid").read_text())
    assert [tether.is_held(lock(var, name)) for name in ("guard", "child")] == [True, True]
    with pytest.raises(AlreadyRunning), Yard(var=var).occupied():
        pass
    os.kill(guard_of(var), signal.SIGKILL)
    kill(parent)
    with Yard(var=var).occupied():
        assert eventually(lambda: group_is_gone(group))


def guard_of(var: Path) -> int:
    """The guard's pid, from the kernel's table of open files."""
    holders = [path for path in Path("/proc").glob("[0-9]*/fd/*") if points_at(path, lock(var, "guard"))]
    return int(holders[0].parts[2])


def points_at(link: Path, target: Path) -> bool:
    try:
        return link.readlink() == target
    except OSError:
        return False


def run(var: Path, port: str) -> "subprocess.Popen[str]":
    """The real thing, without demo data."""
    return python("-m", "config.run", var=var, PORT=port, DEMO="0", DJANGO_SETTINGS_MODULE="config.settings")


def test_a_busy_port_is_told_in_one_sentence_before_anything_starts(
    var: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        process = run(var, str(port))
        assert (process.communicate()[0], process.returncode) == ("", 1)
    said = capfd.readouterr().err
    assert said == f"Port {port} is taken by another program: free it, or choose one with `PORT=8001 make run`.\n"
    assert not (var / "embedded").exists()


def test_a_port_that_is_no_number_is_refused(var: Path, capfd: pytest.CaptureFixture[str]) -> None:
    process = run(var, "eighty")
    assert (process.communicate()[0], process.returncode) == ("", 1)
    assert capfd.readouterr().err == "PORT must be a number from 1 to 65535, not 'eighty'.\n"


def test_the_shop_opens_on_an_empty_machine_and_sigterm_leaves_no_process(var: Path) -> None:
    port = free_port()
    process = run(var, str(port))
    assert process.stdout is not None
    lines = iter(process.stdout.readline, "")
    opened = next((line for line in lines if "The shop is open" in line), None)
    assert opened is not None, tether.tail(var / "log" / "prepare.log")
    addresses = [next(lines).split()[1] for _ in range(4)]
    base = f"http://127.0.0.1:{port}"
    assert addresses == [f"{base}/", f"{base}/dev/inbox/", f"{base}/admin/", f"{base}/api/v1/docs/"]
    with urllib.request.urlopen(f"{base}/admin/login/", timeout=10) as answer:
        assert answer.status == 200
    names = ("web", "worker", "beat")
    groups = [int((var / "run" / f"{name}.pid").read_text()) for name in names]
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert [group_is_gone(group) for group in groups] == [True] * 3
    servers = [var / "embedded" / "run" / f"{name}.lock" for name in ("postgres", "valkey", "keeper")]
    assert eventually(lambda: not any(tether.is_held(path) for path in servers))
    process.communicate()
