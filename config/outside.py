"""Accounts with companies outside: who carries text messages, and the shop's apps at WeChat. From the environment."""

from collections.abc import Mapping
from typing import Any, Final

import environ
from django.core.exceptions import ImproperlyConfigured

COMPANIES: Final = {"aliyun": "https://dysmsapi.aliyuncs.com", "tencent": "https://sms.tencentcloudapi.com"}


def text_account(env: environ.Env, *, sender: str) -> dict[str, Any]:
    """The fields of `members.senders.texts.Account`. Raises ImproperlyConfigured for what the company must have."""
    account = {
        "base_url": env.str("SMS_BASE_URL", default=COMPANIES.get(sender, "")).rstrip("/"),
        "key_id": env.str("SMS_KEY_ID", default=""),
        "key_secret": env.str("SMS_KEY_SECRET", default=""),
        "sign_name": env.str("SMS_SIGN_NAME", default=""),
        "app_id": env.str("SMS_APP_ID", default=""),
        "region": env.str("SMS_REGION", default=""),
        "templates": templates(env.list("SMS_TEMPLATES", default=[])),
    }
    if sender in COMPANIES:
        needed = ["key_id", "key_secret", "sign_name", *(["app_id"] if sender == "tencent" else [])]
        missing = [f"SMS_{name.upper()}" for name in needed if not account[name]]
        missing += [] if "login_code" in account["templates"] else ["SMS_TEMPLATES (login_code)"]
        if missing:
            raise ImproperlyConfigured(f"SMS_SENDER={sender} also needs {', '.join(missing)}")
    return account


def templates(listed: list[str]) -> Mapping[str, tuple[str, tuple[str, ...]]]:
    """`purpose:id:name+name` → purpose: (id, names); without names the template takes every value there is."""
    read: dict[str, tuple[str, tuple[str, ...]]] = {}
    for one in listed:
        purpose, _, rest = one.strip().partition(":")
        template, _, names = rest.partition(":")
        if not purpose or not template:
            raise ImproperlyConfigured("SMS_TEMPLATES is a list of purpose:template or purpose:template:name+name")
        read[purpose] = (template, tuple(name for name in names.split("+") if name))
    return read


def wechat(env: environ.Env) -> dict[str, str]:
    """Addresses of WeChat and the shop's mini-program and official account; an app without an id is switched off."""
    return {
        "base_url": env.str("WECHAT_BASE_URL", default="https://api.weixin.qq.com").rstrip("/"),
        "authorize_url": env.str("WECHAT_AUTHORIZE_URL", default="https://open.weixin.qq.com/connect/oauth2/authorize"),
        "mini_app_id": env.str("WECHAT_MINI_APP_ID", default=""),
        "mini_app_secret": env.str("WECHAT_MINI_APP_SECRET", default=""),
        "official_app_id": env.str("WECHAT_OFFICIAL_APP_ID", default=""),
        "official_app_secret": env.str("WECHAT_OFFICIAL_APP_SECRET", default=""),
    }
