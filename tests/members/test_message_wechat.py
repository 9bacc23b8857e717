"""Messages over WeChat against a stand-in that speaks its wire format; over SMS against a company that falls silent."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache

from members.messaging import texts, wechat
from members.outgoing import NoAnswer
from members.senders.texts import TextNotSent, TextRefused, TextsTooOften
from members.services.message_deliveries import Claim
from members.wechat import calls
from tests.members.factories import AT
from tests.members.loopback import Call, Server, listening
from tests.members.wechat_server import SETTINGS, Wechat

SUBSCRIBE, OFFICIAL = "/cgi-bin/message/subscribe/send", "/cgi-bin/message/template/send"
DATA = {"number1": {"value": "100"}}


class Messaging(Wechat):
    """The stand-in, which also takes messages; `answers` come first, one a call."""

    def __init__(self) -> None:
        super().__init__()
        self.codes: list[int] = []

    def answer(self, call: Call) -> tuple[int, Any]:
        if call.path not in {SUBSCRIBE, OFFICIAL}:
            return super().answer(call)
        if call.query.get("access_token") != self.token:
            return 200, {"errcode": 40001, "errmsg": "invalid credential"}
        code = self.codes.pop(0) if self.codes else 0
        return 200, {"errcode": code, "errmsg": "ok" if not code else "refused", "msgid": 77}


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Messaging:
    monkeypatch.setattr(calls, "_PAUSES", (0, 0))
    cache.clear()
    return Messaging()


@pytest.fixture
def server(stand_in: Messaging, settings: Any) -> Iterator[Server]:
    with listening(stand_in.answer) as server:
        settings.WECHAT = {**SETTINGS, "base_url": server.base_url}
        settings.PUBLIC_URL = "https://shop.example"
        yield server


def claim(way: str = "wechat_subscribe") -> Claim:
    said = {"template_id": "tmpl", "page": "points/", "data": DATA}
    return Claim(delivery_id=1, member_id=1, way=way, address="o-1", payload=said, attempt=1)


def sent(server: Server, path: str) -> list[dict[str, Any]]:
    return [call.json for call in server.calls if call.path == path]


def test_a_subscribe_message_is_sent_as_wechat_wants_it(server: Server) -> None:
    outcome = wechat.send_subscribe(claim=claim(), at=AT)
    assert (outcome.result.value, outcome.ref) == ("sent", "77")
    assert sent(server, SUBSCRIBE) == [{"touser": "o-1", "template_id": "tmpl", "page": "points/", "data": DATA}]


def test_an_official_message_opens_the_page_of_the_shop(server: Server) -> None:
    assert wechat.send_official(claim=claim("wechat_official"), at=AT).result.value == "sent"
    assert sent(server, OFFICIAL)[0]["url"] == "https://shop.example/points/"


@pytest.mark.parametrize(
    ("code", "result", "calls_made"),
    [
        (43101, "unwanted", 1),
        (47003, "refused", 1),
        (40003, "refused", 1),
        (45009, "try_again", 1),
        (-1, "try_again", 3),
    ],
)
def test_each_code_ends_as_it_should(
    server: Server, stand_in: Messaging, code: int, result: str, calls_made: int
) -> None:
    stand_in.codes = [code] * calls_made
    assert wechat.send_subscribe(claim=claim(), at=AT).result.value == result
    assert len(sent(server, SUBSCRIBE)) == calls_made


def test_a_token_that_is_worthless_is_replaced_once(server: Server, stand_in: Messaging) -> None:
    wechat.send_subscribe(claim=claim(), at=AT)
    stand_in.end_token()
    assert wechat.send_subscribe(claim=claim(), at=AT).result.value == "sent"
    assert len(sent(server, SUBSCRIBE)) == 3


def test_silence_after_the_call_is_unknown_and_before_it_is_not(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    wechat.send_subscribe(claim=claim(), at=AT)  # the token is known from now on

    def silent(*_: object, **__: object) -> dict[str, Any]:
        raise NoAnswer("ReadTimeout", has_arrived=True)

    monkeypatch.setattr(calls, "ask", silent)
    assert wechat.send_subscribe(claim=claim(), at=AT).result.value == "unknown"
    cache.clear()
    assert wechat.send_subscribe(claim=claim(), at=AT).result.value == "try_again"


def test_a_shop_without_the_app_says_so(settings: Any) -> None:
    settings.WECHAT = {**SETTINGS, "mini_app_id": "", "official_app_id": "", "base_url": "http://127.0.0.1:1"}
    for send in (wechat.send_subscribe, wechat.send_official):
        outcome = send(claim=claim(), at=AT)
        assert (outcome.result.value, outcome.reason) == ("refused", "没有配置微信小程序或公众号")


def not_sent(*, has_arrived: bool) -> TextNotSent:
    try:
        try:
            raise NoAnswer("ReadTimeout", has_arrived=has_arrived)
        except NoAnswer:
            raise TextNotSent() from None
    except TextNotSent as failure:
        return failure


@pytest.mark.parametrize(
    ("failure", "result"),
    [
        (None, "sent"),
        (TextRefused(), "refused"),
        (TextsTooOften(seconds=60), "try_again"),
        (TextNotSent(), "try_again"),
        (not_sent(has_arrived=False), "try_again"),
        (not_sent(has_arrived=True), "unknown"),
    ],
)
def test_a_text_message_ends_as_its_company_says(
    monkeypatch: pytest.MonkeyPatch, failure: Exception | None, result: str
) -> None:
    def company(**_: object) -> None:
        if failure is not None:
            raise failure

    monkeypatch.setattr(texts, "send_text", company)
    said = {"text": "t", "purpose": "points_gained", "values": {"points": "1"}}
    one = Claim(delivery_id=1, member_id=1, way="sms", address="13800000001", payload=said, attempt=1)
    assert texts.send(claim=one, at=AT).result.value == result
