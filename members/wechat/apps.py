"""The shop's apps at WeChat."""

from dataclasses import dataclass, field

from django.conf import settings

from members.wechat.refusals import WechatSwitchedOff


@dataclass(frozen=True, kw_only=True)
class App:
    """One app: its id is public, its secret never leaves the server."""

    app_id: str
    secret: str = field(repr=False)


def mini_program() -> App:
    """The shop's mini-program. Raises WechatSwitchedOff."""
    return _app("mini")


def official_account() -> App:
    """The shop's official account (公众号), whose pages log in inside WeChat. Raises WechatSwitchedOff."""
    return _app("official")


def has_official_account() -> bool:
    """Whether the shop has one."""
    return bool(settings.WECHAT["official_app_id"] and settings.WECHAT["official_app_secret"])


def _app(kind: str) -> App:
    app = App(app_id=settings.WECHAT[f"{kind}_app_id"], secret=settings.WECHAT[f"{kind}_app_secret"])
    if not app.app_id or not app.secret:
        raise WechatSwitchedOff()
    return app
