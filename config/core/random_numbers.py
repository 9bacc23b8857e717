"""Public numbers that tell nothing about how many there are."""

import secrets


def public_number(digits: int) -> str:
    """A random decimal number without a leading zero."""
    return str(secrets.choice(range(1, 10))) + "".join(str(secrets.randbelow(10)) for _ in range(digits - 1))
