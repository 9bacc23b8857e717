"""`make run` on servers of others: it waits for them a while, and says in a sentence which one is silent."""

import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

from config.run_servers import ServerSilent, wait_for_servers
from tests.house.processes import python

IMPATIENT = """
import sys
from functools import partial
from config import run
run.wait_for_servers = partial(run.wait_for_servers, seconds=1)
sys.exit(run.main())
"""


def silent_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.parametrize("name", ["DATABASE_URL", "REDIS_URL"])
def test_a_silent_server_is_named_without_its_password(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scheme = "postgres" if name == "DATABASE_URL" else "redis"
    port = silent_port()
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.setenv(name, f"{scheme}://user:s3cret@127.0.0.1:{port}/1")
    with pytest.raises(ServerSilent) as told:
        wait_for_servers(seconds=0)
    assert f"{name} names a server that does not answer (127.0.0.1:{port}/1:" in str(told.value)
    assert "s3cret" not in str(told.value)


def test_nothing_is_asked_of_servers_that_are_not_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    wait_for_servers(seconds=0)


def test_a_server_that_comes_up_late_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    port = silent_port()
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{port}/0")
    threading.Thread(target=answer_pings, args=[port], daemon=True).start()
    wait_for_servers(seconds=10)


def answer_pings(port: int) -> None:
    """A server that opens late and says yes to every command."""
    time.sleep(1)
    with socket.create_server(("127.0.0.1", port)) as server:
        connection, _ = server.accept()
        with connection:
            while asked := connection.recv(4096):
                connection.sendall(b"+PONG\r\n" * max(asked.count(b"PING"), asked.count(b"*"), 1))


def test_make_run_does_not_say_it_is_open_without_its_redis(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    port = silent_port()
    extra = {"REDIS_URL": f"redis://127.0.0.1:{port}/0", "PORT": str(silent_port()), "DEMO": "0"}
    process = python("-c", IMPATIENT, var=tmp_path, **extra)
    try:
        said = process.communicate(timeout=120)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    assert process.returncode == 1
    assert "The shop is open" not in said
    assert f"REDIS_URL names a server that does not answer (127.0.0.1:{port}/0:" in capfd.readouterr().err
