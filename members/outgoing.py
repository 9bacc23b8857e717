"""Calls to companies outside: bounded in time, without proxies of the environment, without redirects."""

import logging
from collections.abc import Mapping
from typing import Any, Final

import requests

# Its lines at DEBUG hold whole addresses: phone numbers, secrets, codes.
logging.getLogger("urllib3").setLevel(logging.INFO)

_PATIENCE: Final = (3.05, 6)  # seconds to connect, seconds between two bytes of the answer


class NoAnswer(Exception):
    """Nothing came back that can be read; `reason` names why and holds nothing of the call."""

    def __init__(self, reason: str, *, has_arrived: bool) -> None:
        self.reason, self.has_arrived = reason, has_arrived
        super().__init__(reason)


def ask(
    method: str,
    url: str,
    *,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> dict[str, Any]:
    """The JSON object that comes back, whatever the status. Raises NoAnswer; `has_arrived`: it may have worked."""
    try:
        with requests.Session() as session:
            session.trust_env = False
            answer = session.request(
                method,
                url,
                params=dict(query or {}),
                headers=dict(headers or {}),
                data=body,
                timeout=_PATIENCE,
                allow_redirects=False,
            )
            answer.encoding = "utf-8"
            found = answer.json()
    except requests.ConnectTimeout as error:
        raise NoAnswer(type(error).__name__, has_arrived=False) from None  # its text has the whole address
    except (requests.RequestException, ValueError) as error:
        raise NoAnswer(type(error).__name__, has_arrived=True) from None
    if not isinstance(found, dict):
        raise NoAnswer("no object", has_arrived=True)
    return found
