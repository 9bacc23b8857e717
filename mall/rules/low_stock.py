"""When the shop says that a SKU runs out."""

from typing import Final

LOW_STOCK: Final = 10  # fewer pieces than this
