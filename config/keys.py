"""Keys: those of development, made on this machine the first time they are needed, and what others must be like."""

import base64
import binascii
import json
import os
import secrets
from pathlib import Path


def _fresh() -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ENCRYPTION_KEYS": "k1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
        "BLIND_INDEX_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
    }


def development_keys(folder: Path) -> dict[str, str]:
    """The keys of this checkout, readable by their owner alone; of two processes that make them, one wins."""
    path = folder / "development_keys.json"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".keys-{os.getpid()}-{secrets.token_hex(4)}"
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(_fresh()))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    keys: dict[str, str] = json.loads(path.read_text())
    return keys


def unsafe_keys(*, secret_key: str, encryption_keys: list[tuple[str, ...]], blind_index_key: str) -> list[str]:
    """The variables whose value nobody may rely on: too short, no 32 bytes of Base64, or text such as an example's."""
    unsafe = [] if len(secret_key) >= 50 and len(set(secret_key)) >= 10 else ["SECRET_KEY"]
    if not all(len(pair) == 2 and pair[0] and _is_random(pair[1]) for pair in encryption_keys):
        unsafe.append("ENCRYPTION_KEYS")
    return unsafe if _is_random(blind_index_key) else [*unsafe, "BLIND_INDEX_KEY"]


def _is_random(text: str) -> bool:
    """Whether that is 32 bytes in Base64 which nobody can have typed."""
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        return False
    return len(key) == 32 and not (key.isascii() and key.decode().isprintable())
