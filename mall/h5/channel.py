"""The channel of everything that members' pages show and sell."""

from typing import Final

CHANNEL: Final = "h5"
