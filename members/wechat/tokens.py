"""An app's access token: asked for once, kept sealed in Redis for all processes, replaced when it is worthless.

WeChat forces a new one at most twenty times a day, thirty seconds apart; the old one lives five more minutes.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

import redis
from django.core.cache import cache

from config.core.crypto import DecryptionFailed, decrypt, encrypt
from config.core.windows import count_in_window
from members.wechat.apps import App
from members.wechat.calls import call, whole_in
from members.wechat.refusals import TOKEN_WORTHLESS, WechatRefused, WechatUnusable

logger = logging.getLogger(__name__)

_PATH: Final = "/cgi-bin/stable_token"
_SPARE: Final = 300  # seconds before its end at which a token is no longer handed out
_ASKING: Final = 20  # seconds that one process may take to ask
_FORCED_APART: Final = 30
_FORCED_A_DAY: Final = 20


def call_with_token(app: App, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a POST that carries the token; once more with a fresh one when it is worthless, then no more."""
    token = access_token(app)
    try:
        return call("POST", path, query={"access_token": token}, body=body)
    except WechatRefused as refusal:
        if refusal.facts["errcode"] not in TOKEN_WORTHLESS:
            raise
        logger.warning("WeChat's token is worthless", extra={"errcode": refusal.facts["errcode"]})
    return call("POST", path, query={"access_token": _other_than(app, token)}, body=body)


def access_token(app: App) -> str:
    """The token that is in use, asked for when nobody has one; of many who need it, one asks."""
    return _kept(app) or _alone(app, lambda: _kept(app) or _ask(app, is_forced=False))


def _other_than(app: App, worthless: str) -> str:
    """A token that is not this one: another process's, WeChat's next, at last a forced one. Raises WechatUnusable."""

    def fresh() -> str:
        kept = _kept(app)
        if kept and kept != worthless:
            return kept
        given = _ask(app, is_forced=False)
        if given != worthless:
            return given
        if not _may_force(app):
            raise WechatUnusable(errcode=40001)
        return _ask(app, is_forced=True)

    return _alone(app, fresh)


def _ask(app: App, *, is_forced: bool) -> str:
    body = {
        "grant_type": "client_credential",
        "appid": app.app_id,
        "secret": app.secret,
        "force_refresh": is_forced,
    }
    answer = call("POST", _PATH, body=body)
    token = str(answer.get("access_token") or "")
    if not token:
        raise WechatUnusable(errcode=0)
    _keep(app, token, seconds=whole_in(answer, "expires_in") - _SPARE)
    return token


def _may_force(app: App) -> bool:
    try:
        if count_in_window(name=f"wechat:forced:{app.app_id}", seconds=_FORCED_APART).times > 1:
            return False
        return count_in_window(name=f"wechat:forced-day:{app.app_id}", seconds=24 * 60 * 60).times <= _FORCED_A_DAY
    except redis.RedisError:
        return False


def _key(app: App) -> str:
    return f"wechat:token:{app.app_id}"


def _kept(app: App) -> str:
    try:
        sealed = cache.get(_key(app))
        return decrypt(sealed, context=_key(app)) if sealed else ""
    except (redis.RedisError, DecryptionFailed):
        return ""


def _keep(app: App, token: str, *, seconds: int) -> None:
    try:
        cache.set(_key(app), encrypt(token, context=_key(app)), timeout=max(seconds, 10))
    except redis.RedisError:
        logger.warning("WeChat's token is not kept: Redis does not answer")


def _alone(app: App, work: Callable[[], str]) -> str:
    """What `work` gives, done by one process at a time; by all of them while Redis does not answer."""
    client = cache._cache.get_client(None)  # type: ignore[attr-defined]  # Django's cache has no locks
    lock = client.lock(f"{_key(app)}:lock", timeout=_ASKING, blocking_timeout=_ASKING)
    try:
        is_mine = lock.acquire()
    except redis.RedisError:
        is_mine = False
    try:
        return work()
    finally:
        if is_mine:
            _release(lock)


def _release(lock: Any) -> None:
    try:
        lock.release()
    except redis.RedisError:  # it took too long, or Redis is gone: the lock ends by itself
        logger.warning("the lock on WeChat's token was not given back")
