"""Private PostgreSQL and Valkey servers, for machines where nobody installed any.

They live under `var/`, listen on sockets that only their owner can reach, are shared by all processes of this
checkout, and stop when the last of those processes ends, however it ends. Nothing here imports Django.
"""

import os
import sys

from . import postgres, servers, tether, valkey
from .places import ROOT, Places, places
from .servers import Server
from .tether import EmbeddedError
from .valkey import broker_url

__all__ = [
    "EmbeddedError",
    "broker_url",
    "database_url",
    "ensure",
    "keep",
    "postgres_needed",
    "redis_needed",
    "redis_url",
]

_START_SECONDS = 120.0
_holds: dict[Places, int] = {}


def postgres_needed() -> bool:
    """Whether no other PostgreSQL is configured."""
    return not os.environ.get("DATABASE_URL")


def redis_needed() -> bool:
    """Whether no other Redis is configured."""
    return not os.environ.get("REDIS_URL")


def database_url(profile: str = "run") -> str:
    """Where the embedded PostgreSQL of that profile listens; nothing is started."""
    return postgres.url(places(profile))


def redis_url(profile: str = "run") -> str:
    """Where the embedded Valkey of that profile listens; nothing is started."""
    return valkey.url(places(profile))


def ensure(profile: str = "run") -> None:
    """Have the needed servers up until this process ends. Raises EmbeddedError."""
    spot = places(profile)
    needed = _needed()
    if not needed or spot in _holds:
        return
    try:
        _holds[spot] = _hold(spot, needed)
    except PermissionError as error:
        raise EmbeddedError(
            f"{error.filename} belongs to another user: run as that user, or remove {spot.home}"
        ) from error


def keep(profile: str) -> None:
    """Wait for the last hold to end, then stop the servers: what the keeper process does."""
    spot = places(profile)
    with tether.locked(spot.hold, timeout=None):
        for server in (valkey.SERVER, postgres.SERVER):
            servers.stop(server, spot)
        tether.let_go()  # before the hold: whoever gets that next must not take us for a keeper that waits


def _needed() -> list[Server]:
    choices = ((postgres.SERVER, postgres_needed()), (valkey.SERVER, redis_needed()))
    return [server for server, is_needed in choices if is_needed]


def _hold(spot: Places, needed: list[Server]) -> int:
    """The open shared lock that keeps the servers up, taken before anything is looked at or started."""
    spot.home.mkdir(parents=True, exist_ok=True)
    hold = tether.acquire(spot.hold, shared=True, timeout=_START_SECONDS)
    try:
        with tether.locked(spot.starting, timeout=_START_SECONDS):
            _keeper(spot)
            for server in needed:
                servers.start(server, spot)
    except BaseException:
        os.close(hold)
        raise
    return hold


def _keeper(spot: Places) -> None:
    """Start the keeper unless one waits already; it comes first so that a start cut short is cleaned up too."""
    if not tether.is_held(spot.keeper):
        command = [sys.executable, "-m", __name__, "keep", spot.profile]
        environment = {**os.environ, "MALL_VAR_DIR": str(spot.var)}
        tether.launch(command, lock=spot.keeper, log=spot.log("keeper"), cwd=ROOT, environment=environment)
