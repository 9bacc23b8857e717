"""The channel of everything that the API shows and sells: prices, campaigns and orders go by it."""

from typing import Final

CHANNEL: Final = "mini_program"
