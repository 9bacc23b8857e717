"""WeChat's thin client against a stand-in that speaks its wire format."""

import logging
import threading
from collections.abc import Iterator

import pytest
from django.core.cache import cache

from config.core.errors import DomainError
from members.wechat import calls, people, tokens
from members.wechat.apps import App, mini_program
from members.wechat.people import ForeignPhone, Person
from members.wechat.refusals import (
    WechatBusy,
    WechatCodeSpent,
    WechatRefused,
    WechatRiskyUser,
    WechatSwitchedOff,
    WechatTooOften,
    WechatUnusable,
)
from tests.members.loopback import Server, listening
from tests.members.wechat_server import SETTINGS, Wechat, chinese_phone


@pytest.fixture
def wechat(monkeypatch) -> Wechat:
    monkeypatch.setattr(calls, "_PAUSES", (0, 0))
    cache.clear()
    return Wechat(people={"code-1": {"openid": "o-1", "unionid": "u-1"}, "code-2": {"openid": "o-2"}})


@pytest.fixture
def server(wechat: Wechat, settings) -> Iterator[Server]:
    with listening(wechat.answer) as server:
        settings.WECHAT = {**SETTINGS, "base_url": server.base_url}
        yield server


def paths(server: Server) -> list[str]:
    return [call.path for call in server.calls]


def test_a_good_answer_without_an_errcode_is_good(server: Server) -> None:
    assert people.of_mini_program("code-1") == Person("o-1", "u-1")
    assert server.calls[0].query == {
        "appid": "wx-mini",
        "secret": "mini-secret",
        "js_code": "code-1",
        "grant_type": "authorization_code",
    }


def test_an_app_without_a_company_has_no_unionid(server: Server) -> None:
    assert people.of_mini_program("code-2") == Person("o-2", "")


def test_a_page_inside_wechat_is_asked_for_by_the_official_account(server: Server) -> None:
    assert people.of_page("code-1") == Person("o-1", "u-1")
    assert server.calls[0].query["appid"] == "wx-official"


def test_a_code_works_once_and_the_error_may_be_a_text(server: Server) -> None:
    people.of_mini_program("code-1")
    with pytest.raises(WechatCodeSpent) as refusal:
        people.of_mini_program("code-1")
    assert (refusal.value.text, refusal.value.http_status) == ("微信授权已失效，请重新点一次", 400)


@pytest.mark.parametrize("code", ["", "x" * 129])
def test_what_can_be_no_code_is_not_sent(server: Server, code: str) -> None:
    with pytest.raises(WechatCodeSpent):
        people.of_mini_program(code)
    assert server.calls == []


@pytest.mark.parametrize("busy", [-1, "-1"])
def test_busy_twice_then_good_is_good(server: Server, wechat: Wechat, busy: object) -> None:
    wechat.next_errors = [busy, busy]
    assert people.of_mini_program("code-1").openid == "o-1"
    assert len(server.calls) == 3


@pytest.mark.parametrize("written", [7200, "7200", "soon", None, [], float("inf")])
def test_a_number_is_read_however_it_is_written(written: object) -> None:
    assert calls.whole_in({"expires_in": written}, "expires_in") == (7200 if str(written) == "7200" else 0)


def test_busy_three_times_is_said(server: Server, wechat: Wechat) -> None:
    wechat.next_errors = [-1, -1, -1]
    with pytest.raises(WechatBusy) as refusal:
        people.of_mini_program("code-1")
    assert (refusal.value.text, len(server.calls)) == ("微信暂时没有响应，请稍后再试", 3)


@pytest.mark.parametrize(
    ("errcode", "kind", "status"),
    [
        (40163, WechatCodeSpent, 400),
        (45011, WechatTooOften, 429),
        (40226, WechatRiskyUser, 403),
        (40013, WechatUnusable, 503),
        (40125, WechatUnusable, 503),
        ("45009", WechatUnusable, 503),
        (99999, WechatRefused, 502),
    ],
)
def test_codes_are_said_in_words(
    server: Server, wechat: Wechat, errcode: object, kind: type[DomainError], status: int
) -> None:
    wechat.next_errors = [errcode]
    with pytest.raises(kind) as refusal:
        people.of_mini_program("code-1")
    assert (type(refusal.value), refusal.value.http_status) == (kind, status)
    assert len(server.calls) == 1


@pytest.mark.parametrize("answer", [b"", b"<html>", b"[]", b"null"])
def test_an_answer_that_is_none_is_not_asked_for_again(server: Server, settings, answer: bytes) -> None:
    with listening(lambda call: (200, answer)) as broken:
        settings.WECHAT = {**SETTINGS, "base_url": broken.base_url}
        with pytest.raises(WechatBusy):
            people.of_mini_program("code-1")
        assert len(broken.calls) == 1


def test_an_answer_without_an_openid_is_refused(server: Server, wechat: Wechat) -> None:
    wechat.people["empty"] = {}
    with pytest.raises(WechatRefused):
        people.of_mini_program("empty")


@pytest.mark.parametrize("country", ["86", 86])
def test_the_country_is_a_number_or_a_text(server: Server, wechat: Wechat, country: object) -> None:
    wechat.phones["p"] = chinese_phone("13800000001", country)
    assert people.phone_of("p") == "13800000001"


def test_a_foreign_phone_is_refused(server: Server, wechat: Wechat) -> None:
    wechat.phones["p"] = {"phoneNumber": "+852 51234567", "purePhoneNumber": "51234567", "countryCode": "852"}
    with pytest.raises(ForeignPhone):
        people.phone_of("p")


def test_the_token_is_asked_for_once_and_kept_sealed(server: Server, wechat: Wechat) -> None:
    wechat.phones = {"p1": chinese_phone("13800000001"), "p2": chinese_phone("13800000002")}
    people.phone_of("p1")
    people.phone_of("p2")
    assert (wechat.asked_for_token, wechat.forced) == (1, 0)
    kept = str(cache.get("wechat:token:wx-mini"))
    assert kept
    assert "token-1" not in kept


def test_a_worthless_token_is_replaced_once(server: Server, wechat: Wechat) -> None:
    wechat.phones = {"p1": chinese_phone("13800000001"), "p2": chinese_phone("13800000002")}
    people.phone_of("p1")
    wechat.end_token()
    assert people.phone_of("p2") == "13800000002"
    assert (wechat.asked_for_token, wechat.forced) == (2, 0)


@pytest.mark.parametrize("errcode", [40001, 40014, 42001, "42001"])
def test_a_token_that_wechat_gives_again_is_forced_away(server: Server, wechat: Wechat, errcode: object) -> None:
    wechat.phones["p"] = chinese_phone("13800000001")
    wechat.next_errors = [errcode]
    assert people.phone_of("p") == "13800000001"
    assert (wechat.forced, wechat.asked_for_token) == (1, 3)


def test_after_one_fresh_token_it_stops(server: Server, wechat: Wechat) -> None:
    wechat.next_errors = [40001, 40001, 40001]
    with pytest.raises(WechatUnusable) as refusal:
        people.phone_of("p")
    assert refusal.value.text == "微信登录暂不可用，请改用手机号验证码登录"
    assert paths(server).count("/wxa/business/getuserphonenumber") == 2


def test_tokens_are_not_forced_twice_within_half_a_minute(server: Server, wechat: Wechat) -> None:
    for _ in range(3):
        wechat.next_errors = [40001, 40001]
        with pytest.raises(WechatUnusable):
            people.phone_of("p")
    assert wechat.forced == 1


def test_of_many_who_need_a_token_one_asks(server: Server, wechat: Wechat) -> None:
    app, found = mini_program(), []
    threads = [threading.Thread(target=lambda: found.append(tokens.access_token(app))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(found), set(found), wechat.asked_for_token) == (8, {wechat.token}, 1)


def test_without_the_lock_many_would_ask(server: Server, wechat: Wechat, monkeypatch) -> None:
    monkeypatch.setattr(tokens, "_alone", lambda app, work: work())
    barrier = threading.Barrier(4)
    kept = tokens._kept

    def together(app: App) -> str:
        found = kept(app)
        barrier.wait(timeout=5)
        return found

    monkeypatch.setattr(tokens, "_kept", together)
    threads = [threading.Thread(target=tokens.access_token, args=(mini_program(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wechat.asked_for_token == 4


def test_an_app_that_the_shop_has_not_is_switched_off(server: Server, settings) -> None:
    settings.WECHAT = {**settings.WECHAT, "mini_app_id": ""}
    with pytest.raises(WechatSwitchedOff):
        people.of_mini_program("code-1")
    assert server.calls == []


def test_neither_secrets_nor_codes_reach_the_log(server: Server, wechat: Wechat, settings, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    wechat.next_errors = [-1, 40125]
    with pytest.raises(WechatUnusable):
        people.of_mini_program("code-1")
    settings.WECHAT = {**settings.WECHAT, "base_url": "http://127.0.0.1:9"}
    with pytest.raises(WechatBusy):
        people.of_mini_program("code-1")
    written = "\n".join(str(vars(record)) for record in caplog.records)
    assert "40125" in written
    assert [
        word for word in ("mini-secret", "code-1", "session") if word in written.replace("jscode2session", "")
    ] == []
