"""The embedded servers: shared by processes, gone with the last one, never locked by a killed one."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
import redis

from config import embedded
from config.embedded import tether
from config.embedded.places import Places
from tests.house.processes import eventually, kill, python, using_servers

SERVERS = ("postgres", "valkey")


@pytest.fixture(scope="module")
def var() -> Iterator[Path]:
    """One scratch cluster for the module; everything in it has ended when the module has."""
    with TemporaryDirectory(prefix="mall-test-") as path:
        yield Path(path).resolve()
        assert eventually(lambda: not alive(Places(profile="run", var=Path(path).resolve())))


@pytest.fixture
def spot(var: Path) -> Places:
    """Its places, with no server running before the test."""
    spot = Places(profile="run", var=var)
    spot.home.mkdir(parents=True, exist_ok=True)
    assert eventually(lambda: not alive(spot) and not tether.is_held(spot.keeper))
    return spot


def alive(spot: Places) -> list[str]:
    """The servers that run."""
    return [name for name in SERVERS if tether.is_held(spot.alive(name))]


def postmaster(spot: Places) -> int:
    return int((spot.data("postgres") / "postmaster.pid").read_text().split()[0])


def answer_of_postgres(spot: Places) -> object:
    with psycopg.connect(host=str(spot.sockets("postgres")), user="postgres", dbname="mall") as connection:
        row = connection.execute("SELECT 40 + 2").fetchone()
        return row and row[0]


def answer_of_valkey(spot: Places) -> object:
    client = redis.Redis(unix_socket_path=str(spot.sockets("valkey") / "valkey.sock"))
    try:
        return client.ping()
    finally:
        client.close()


def test_asking_for_the_addresses_starts_and_creates_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALL_VAR_DIR", str(tmp_path / "var"))
    assert embedded.database_url().startswith("postgres://postgres@/mall?host=/tmp/mall-")
    assert embedded.redis_url().startswith("unix:///tmp/mall-")
    assert list(tmp_path.iterdir()) == []


def test_two_checkouts_and_two_profiles_have_different_sockets(tmp_path: Path) -> None:
    var, other = tmp_path / "one" / "var", tmp_path / "two" / "var"
    spots = [Places(profile=profile, var=path) for profile in ("run", "test") for path in (var, other)]
    sockets = {spot.sockets(server) for spot in spots for server in SERVERS}
    assert len(sockets) == 8
    assert max(len(str(path / ".s.PGSQL.5432.lock")) for path in sockets) < 100


def test_servers_start_over_a_half_made_cluster_and_are_shared_until_the_last_user_is_killed(spot: Places) -> None:
    draft = spot.home / "postgres.new"
    draft.mkdir()
    (draft / "PG_VERSION").write_text("18\n")
    with using_servers(spot.var):
        first = postmaster(spot)
        with using_servers(spot.var):
            assert postmaster(spot) == first
            assert (answer_of_postgres(spot), answer_of_valkey(spot)) == (42, True)
            modes = {path.stat().st_mode & 0o777 for path in map(spot.sockets, SERVERS)}
            assert modes == {0o700}
        assert alive(spot) == ["postgres", "valkey"]
        assert postmaster(spot) == first
    assert eventually(lambda: alive(spot) == [])
    assert eventually(lambda: not any(spot.sockets(server).exists() for server in SERVERS))


def test_servers_start_after_all_was_killed_and_a_stranger_carries_the_old_pid(spot: Places) -> None:
    with using_servers(spot.var) as user:
        keeper = pids_holding(spot.keeper)[0]
        victims = [keeper, postmaster(spot), int((spot.home / "valkey.pid").read_text())]
        for pid in victims:
            os.kill(pid, signal.SIGKILL)
        assert eventually(lambda: alive(spot) == [])
        kill(user)
    stale = (spot.data("postgres") / "postmaster.pid").read_text().splitlines()
    (spot.data("postgres") / "postmaster.pid").write_text("\n".join([str(os.getpid()), *stale[1:]]) + "\n")
    with using_servers(spot.var):
        assert (answer_of_postgres(spot), answer_of_valkey(spot)) == (42, True)


def test_processes_that_start_at_once_share_one_pair_of_servers(spot: Places) -> None:
    say = "from config import embedded; embedded.ensure('run'); print('up', flush=True); input()"
    users = [python("-c", say, var=spot.var) for _ in range(3)]
    try:
        assert [user.stdout.readline() for user in users if user.stdout] == ["up\n"] * 3
        assert answer_of_postgres(spot) == 42
    finally:
        for user in users:
            kill(user)


def test_processes_that_follow_each_other_closely_leave_no_server_without_a_keeper(spot: Places) -> None:
    for _ in range(4):
        with using_servers(spot.var):
            assert tether.is_held(spot.keeper)
        # the next one asks while the keeper of this one is still stopping the servers
    assert eventually(lambda: alive(spot) == [])


def test_only_what_is_not_configured_is_started(spot: Places) -> None:
    with using_servers(spot.var, DATABASE_URL="postgres://elsewhere/mall"):
        assert alive(spot) == ["valkey"]


def test_a_socket_directory_that_somebody_else_laid_out_is_refused(tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    trap.symlink_to(tmp_path)
    with pytest.raises(embedded.EmbeddedError, match="not a directory of ours"):
        tether.private_directory(trap, owner=os.geteuid())


@pytest.mark.parametrize(
    ("url", "broker"),
    [
        ("redis://10.0.0.5:6379/3", "redis://10.0.0.5:6379/3"),
        ("unix:///tmp/a/valkey.sock?db=4", "redis+socket:///tmp/a/valkey.sock?virtual_host=4"),
    ],
)
def test_celery_gets_a_socket_in_its_own_spelling(url: str, broker: str) -> None:
    assert embedded.broker_url(url) == broker


def pids_holding(lock: Path) -> list[int]:
    """Processes that have the lock file open, from /proc."""
    holders = []
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if descriptor.readlink() == lock:
                holders.append(int(descriptor.parts[2]))
        except OSError:
            continue
    return holders
