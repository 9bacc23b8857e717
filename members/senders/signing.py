"""How the two companies want a call signed. Pure: what goes in is all that is signed."""

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import quote


def canonical_query(values: Mapping[str, str]) -> str:
    """Names and values percent-encoded as RFC 3986 says, in the order of the names."""
    return "&".join(f"{_encoded(name)}={_encoded(values[name])}" for name in sorted(values))


def aliyun_authorization(
    *, key_id: str, secret: str, query: str, headers: Mapping[str, str], body: bytes, method: str = "POST"
) -> str:
    """The Authorization header of ACS3-HMAC-SHA256 over these headers, whose names are in lower case."""
    names, canonical = _canonical(method=method, query=query, headers=headers, body=body)
    signature = _keyed(secret.encode(), f"ACS3-HMAC-SHA256\n{_hash(canonical.encode())}").hex()
    return f"ACS3-HMAC-SHA256 Credential={key_id},SignedHeaders={names},Signature={signature}"


def tencent_authorization(
    *, key_id: str, secret: str, service: str, headers: Mapping[str, str], body: bytes, at: datetime
) -> str:
    """The Authorization header of TC3-HMAC-SHA256 over these headers, whose names are in lower case."""
    names, canonical = _canonical(method="POST", query="", headers=headers, body=body)
    day = f"{at.astimezone(UTC):%Y-%m-%d}"
    scope = f"{day}/{service}/tc3_request"
    to_sign = "\n".join(["TC3-HMAC-SHA256", str(int(at.timestamp())), scope, _hash(canonical.encode())])
    key = _keyed(_keyed(_keyed(f"TC3{secret}".encode(), day), service), "tc3_request")
    signature = _keyed(key, to_sign).hex()
    return f"TC3-HMAC-SHA256 Credential={key_id}/{scope}, SignedHeaders={names}, Signature={signature}"


def body_hash(body: bytes) -> str:
    """What `x-acs-content-sha256` says of a body."""
    return _hash(body)


def _canonical(*, method: str, query: str, headers: Mapping[str, str], body: bytes) -> tuple[str, str]:
    names = sorted(headers)
    signed = ";".join(names)
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in names)
    return signed, "\n".join([method, "/", query, lines, signed, _hash(body)])


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~")


def _hash(body: bytes) -> str:
    return sha256(body).hexdigest()


def _keyed(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), sha256).digest()
