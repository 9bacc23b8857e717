"""Keys that callers send so that a repeat is known as one."""

import re

_KEY = re.compile(r"[\x21-\x7e]{1,80}")


def is_key(text: str) -> bool:
    """Whether the text can be a key: 1 to 80 visible ASCII characters."""
    return _KEY.fullmatch(text) is not None
