"""What is being worked on: the ids that every log line carries."""

import re
import secrets
from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id", default="")
task_id: ContextVar[str] = ContextVar("task_id", default="")
task_name: ContextVar[str] = ContextVar("task_name", default="")

REQUEST_ID_HEADER = "X-Request-ID"
_READABLE = re.compile(r"[A-Za-z0-9_.-]{8,64}")


def fresh_id() -> str:
    """An id that no other request has."""
    return secrets.token_hex(8)


def readable_id(text: str) -> str:
    """`text` when it may stand in a log line as a request's id, else nothing."""
    return text if _READABLE.fullmatch(text) else ""


def ids() -> dict[str, str]:
    """The ids that are known here, by name."""
    known = {"request_id": request_id.get(), "task": task_name.get(), "task_id": task_id.get()}
    return {name: value for name, value in known.items() if value}
