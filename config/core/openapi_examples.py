"""Examples of answers in the schema: what a real walk through the API was answered, kept in `api_examples.json`.

`RECORD_EXAMPLES=1 make test` records them anew (tests/api/test_examples.py).
"""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).with_name("api_examples.json")


@lru_cache(maxsize=1)
def recorded() -> dict[str, Any]:
    """The answer to each operation, by operation id."""
    found: dict[str, Any] = json.loads(FILE.read_text())
    return found


def with_examples(result: dict[str, Any], generator: object, request: object, public: bool) -> dict[str, Any]:
    """The schema with an example for the main answer of every operation; a hook of drf-spectacular."""
    for methods in result["paths"].values():
        for operation in methods.values():
            ok = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
            if "content" in ok and operation["operationId"] in recorded():
                ok["content"]["application/json"]["example"] = recorded()[operation["operationId"]]
    return result
