"""A stand-in for api.weixin.qq.com with its wire format: codes used once, tokens that end, errors in HTTP 200."""

import threading
from dataclasses import dataclass, field
from typing import Any

from tests.members.loopback import Call

APPS = {"wx-mini": "mini-secret", "wx-official": "official-secret"}
SETTINGS = {
    "authorize_url": "https://open.weixin.qq.com/connect/oauth2/authorize",
    "mini_app_id": "wx-mini",
    "mini_app_secret": "mini-secret",
    "official_app_id": "wx-official",
    "official_app_secret": "official-secret",
}


@dataclass
class Wechat:
    """People by log-in code, phones by phone code; `next_errors` are answered first, one a call."""

    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    phones: dict[str, dict[str, Any]] = field(default_factory=dict)
    next_errors: list[Any] = field(default_factory=list)
    forced: int = 0
    asked_for_token: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    _serial: int = 1

    @property
    def token(self) -> str:
        return f"token-{self._serial}-" + "x" * 500

    def end_token(self) -> None:
        """Let the token be worthless; asking again gives the next one."""
        self._serial += 1

    def answer(self, call: Call) -> tuple[int, Any]:
        with self.lock:
            if self.next_errors and call.path != "/cgi-bin/stable_token":
                errcode = self.next_errors.pop(0)
                return 200, {"errcode": errcode, "errmsg": "refused, rid: 1"}
            return 200, _ROUTES[call.path](self, call)

    def stable_token(self, call: Call) -> dict[str, Any]:
        self.asked_for_token += 1
        if APPS.get(call.json["appid"]) != call.json["secret"]:
            return {"errcode": 40125, "errmsg": "invalid appsecret, rid: 1"}
        if call.json["force_refresh"]:
            self.forced += 1
            self._serial += 1
        return {"access_token": self.token, "expires_in": 7200}

    def session(self, call: Call) -> dict[str, Any]:
        if APPS.get(call.query["appid"]) != call.query["secret"]:
            return {"errcode": 40125, "errmsg": "invalid appsecret, rid: 1"}
        person = self.people.pop(call.query.get("js_code") or call.query.get("code", ""), None)
        if person is None:
            return {"errcode": "40029", "errmsg": "invalid code, rid: 1"}  # as in old examples: digits in a text
        return {"session_key": "c2Vzc2lvbg==", **person}  # no errcode

    def phone(self, call: Call) -> dict[str, Any]:
        if call.query.get("access_token") != self.token:
            return {"errcode": 40001, "errmsg": "invalid credential, access_token is invalid or not latest"}
        phone = self.phones.pop(call.json["code"], None)
        if phone is None:
            return {"errcode": 40029, "errmsg": "invalid code, rid: 1"}
        return {"errcode": 0, "errmsg": "ok", "phone_info": {**phone, "watermark": {"appid": "wx-mini"}}}


_ROUTES = {
    "/cgi-bin/stable_token": Wechat.stable_token,
    "/sns/jscode2session": Wechat.session,
    "/sns/oauth2/access_token": Wechat.session,
    "/wxa/business/getuserphonenumber": Wechat.phone,
}


def chinese_phone(number: str, country: Any = "86") -> dict[str, Any]:
    return {"phoneNumber": number, "purePhoneNumber": number, "countryCode": country}
