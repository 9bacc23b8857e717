"""A walk through the ways in: WeChat, password, devices and the code for the till."""

import re
from typing import TYPE_CHECKING

from django.test import override_settings

from members.models import DevMessage, LoginCode
from tests.members.loopback import listening
from tests.members.wechat_server import SETTINGS, Wechat, chinese_phone

if TYPE_CHECKING:
    from tests.api.walk import Walk

_PASSWORD = "tree of clouds 2026"


def walk_log_ins(walk: "Walk", *, phone: str) -> None:
    """Set a password and come in by it, and by WeChat with the same phone; look at the devices."""
    LoginCode.objects.all().delete()
    walk.call("post_password_codes", "password/codes/")
    code = re.search(r"\d{6}", DevMessage.objects.latest("pk").text)
    assert code
    walk.call("put_password", "password/", {"code": code[0], "password": _PASSWORD})
    walk.call("get_password", "password/")
    walk.call("post_password_login", "auth/password/", {"phone": phone, "password": _PASSWORD})
    wechat = Wechat(people={"code": {"openid": "o-1"}}, phones={"phone": chinese_phone(phone)})
    with listening(wechat.answer) as server, override_settings(WECHAT={**SETTINGS, "base_url": server.base_url}):
        ticket = walk.call("post_mini_program_session", "sessions/mini-program/", {"code": "code"})["ticket"]
        given = {"ticket": ticket, "phone_code": "phone", "device_name": "iPhone 15"}
        walk.call("post_mini_program_phone", "sessions/mini-program/phone/", given)
        wechat.people["code"] = {"openid": "o-1"}
        walk.call("post_mini_program_session", "sessions/mini-program/", {"code": "code"})
    walk.call("get_devices", "devices/")
    walk.call("get_till_code", "till-code/")
