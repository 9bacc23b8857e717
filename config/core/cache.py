"""JSON in the cache: what another process writes there can't run code here."""

import json
from typing import Any


class JsonSerializer:
    """Serializer of Django's Redis cache client; integers stay bare so that counters can be incremented."""

    def __init__(self, protocol: object = None) -> None:
        """`protocol` is what Django passes for pickle; it has no meaning here."""

    def dumps(self, value: Any) -> int | bytes:
        return value if type(value) is int else json.dumps(value).encode()

    def loads(self, data: bytes) -> Any:
        try:
            return int(data)
        except ValueError:
            return json.loads(data)
