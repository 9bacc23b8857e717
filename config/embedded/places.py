"""Where the embedded servers keep things: computed from the checkout's path alone."""

import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROFILES = ("run", "test", "bench")


@dataclass(frozen=True, kw_only=True)
class Places:
    """The paths of one profile in one checkout."""

    profile: str
    var: Path

    @property
    def home(self) -> Path:
        """Data, locks and logs."""
        return self.var / "embedded" / self.profile

    @property
    def hold(self) -> Path:
        """Shared by every process that uses the servers; the keeper waits for it alone."""
        return self.home / "hold.lock"

    @property
    def starting(self) -> Path:
        """One starter at a time."""
        return self.home / "starting.lock"

    @property
    def keeper(self) -> Path:
        """Locked as long as the keeper lives."""
        return self.home / "keeper.lock"

    def alive(self, server: str) -> Path:
        """Locked as long as any process of that server lives."""
        return self.home / f"{server}.lock"

    def data(self, server: str) -> Path:
        """The server's data directory."""
        return self.home / server

    def log(self, name: str) -> Path:
        """What a server or the keeper printed since it was started last."""
        return self.home / f"{name}.log"

    def sockets(self, server: str) -> Path:
        """A short directory for sockets, whose paths may not exceed a hundred characters."""
        digest = sha256(str(self.home).encode()).hexdigest()[:12]
        return Path(f"/tmp/mall-{os.geteuid()}-{digest}-{server}")


def places(profile: str) -> Places:
    """The places of that profile; `MALL_VAR_DIR` moves them out of the checkout."""
    if profile not in PROFILES:
        raise ValueError(f"no profile {profile!r}; there are {', '.join(PROFILES)}")
    var = Path(os.environ.get("MALL_VAR_DIR") or ROOT / "var")
    return Places(profile=profile, var=var.resolve())
