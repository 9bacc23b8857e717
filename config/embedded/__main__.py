"""`python -m config.embedded keep PROFILE`: the keeper. `up PROFILE`: hold the servers until interrupted."""

import contextlib
import signal
import sys

from config.embedded import ensure, keep


def main(command: str, profile: str) -> None:
    """Run one of the two commands."""
    if command == "keep":
        keep(profile)
    elif command == "up":
        ensure(profile)
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()
    else:
        raise SystemExit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:3])
