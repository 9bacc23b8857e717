"""Text messages by Aliyun and Tencent: signed as they publish it, refused in words, silent about phones and secrets."""

import hmac
import json
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import parse_qsl, quote

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured

from config.core.errors import DomainError
from config.outside import templates, text_account
from members.models import LoginCode
from members.senders import signing
from members.senders.texts import TextNotSent, TextRefused, TextsTooOften
from members.services import senders
from tests.members.factories import AT, PHONE
from tests.members.loopback import Call, Server, listening

KEY, SECRET = "the-key-id", "the-key-secret"
VALUES = {"code": "123456", "minutes": "5"}


def test_the_signature_of_aliyun_is_the_one_in_its_manual() -> None:
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-version": "2014-05-26",
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-content-sha256": signing.body_hash(b""),
    }
    query = signing.canonical_query(
        {"RegionId": "cn-shanghai", "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"}
    )
    assert signing.aliyun_authorization(
        key_id="YourAccessKeyId", secret="YourAccessKeySecret", query=query, headers=headers, body=b""
    ) == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,"
        "SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,"
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_the_signature_of_tencent_is_the_one_in_its_manual() -> None:
    body = b'{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}'
    assert signing.tencent_authorization(
        key_id="AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE",
        secret="Gu5t9xGARNpq86cd98joQYCN3EXAMPLE",
        service="cvm",
        headers={"content-type": "application/json; charset=utf-8", "host": "cvm.tencentcloudapi.com"},
        body=body,
        at=datetime.fromtimestamp(1551113065, UTC),
    ) == (
        "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/tc3_request, "
        "SignedHeaders=content-type;host, "
        "Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
    )


# ── the companies' side: each signature is worked out again from what arrived ──


def _signed(call: Call, pattern: str) -> tuple[str, list[str], str]:
    found = re.fullmatch(pattern, call.headers["authorization"])
    assert found, call.headers["authorization"]
    return found["credential"], found["names"].split(";"), found["signature"]


def _canonical(call: Call, names: list[str], query: str) -> str:
    lines = "".join(
        f"{name}:{call.headers[name].lower() if name == 'x-tc-action' else call.headers[name]}\n" for name in names
    )
    return "\n".join([call.method, call.path, query, lines, ";".join(names), sha256(call.body).hexdigest()])


def aliyun_accepts(call: Call) -> bool:
    pattern = r"ACS3-HMAC-SHA256 Credential=(?P<credential>.+),SignedHeaders=(?P<names>.+),Signature=(?P<signature>\w+)"
    credential, names, signature = _signed(call, pattern)
    pairs = sorted(parse_qsl(call.raw_query))
    query = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in pairs)
    hashed = sha256(_canonical(call, names, query).encode()).hexdigest()
    expected = hmac.new(SECRET.encode(), f"ACS3-HMAC-SHA256\n{hashed}".encode(), sha256).hexdigest()
    signed_all = {name for name in call.headers if name.startswith("x-acs-")} | {"host"} <= set(names)
    return (credential, signature, signed_all) == (KEY, expected, True)


def tencent_accepts(call: Call) -> bool:
    pattern = (
        r"TC3-HMAC-SHA256 Credential=(?P<credential>.+), SignedHeaders=(?P<names>.+), Signature=(?P<signature>\w+)"
    )
    credential, names, signature = _signed(call, pattern)
    stamp = call.headers["x-tc-timestamp"]
    day = datetime.fromtimestamp(int(stamp), UTC).strftime("%Y-%m-%d")
    hashed = sha256(_canonical(call, names, "").encode()).hexdigest()
    key = f"TC3{SECRET}".encode()
    for part in (day, "sms", "tc3_request"):
        key = hmac.new(key, part.encode(), sha256).digest()
    to_sign = f"TC3-HMAC-SHA256\n{stamp}\n{day}/sms/tc3_request\n{hashed}"
    expected = hmac.new(key, to_sign.encode(), sha256).hexdigest()
    return (credential, signature) == (f"{KEY}/{day}/sms/tc3_request", expected)


class Company:
    """What the stand-in answers to a well-signed call."""

    code = ""
    status = 200

    def aliyun(self, call: Call) -> tuple[int, object]:
        if not aliyun_accepts(call):
            return 403, {"Code": "SignatureDoesNotMatch", "Message": "no", "RequestId": "r-0"}
        return self.status, {"Code": self.code or "OK", "Message": "…", "RequestId": "r-1", "BizId": "b-1"}

    def tencent(self, call: Call) -> tuple[int, object]:
        if not tencent_accepts(call):
            return 200, {"Response": {"Error": {"Code": "AuthFailure.SignatureFailure", "Message": "no"}}}
        state = {"Code": self.code or "Ok", "PhoneNumber": f"+86{PHONE}", "Message": "…"}
        return self.status, {"Response": {"SendStatusSet": [state], "RequestId": "r-1"}}


@pytest.fixture
def company() -> Company:
    return Company()


@pytest.fixture(params=["aliyun", "tencent"])
def server(request, company: Company, settings) -> Iterator[Server]:
    with listening(getattr(company, request.param)) as server:
        settings.SMS_SENDER = request.param
        settings.SMS_ACCOUNT = {
            "base_url": server.base_url,
            "key_id": KEY,
            "key_secret": SECRET,
            "sign_name": "云杉商城",
            "app_id": "1400006666",
            "region": "ap-beijing",
            "templates": templates(["login_code:SMS_1:code", "other:2"]),
        }
        yield server


def send(purpose: str = "login_code") -> None:
    senders.send_text(phone=PHONE, purpose=purpose, values=VALUES, text="验证码 123456", at=AT)


def test_a_message_is_handed_over_with_a_good_signature(server: Server, settings) -> None:
    send()
    (call,) = server.calls
    if settings.SMS_SENDER == "aliyun":
        assert call.query == {
            "PhoneNumbers": PHONE,
            "SignName": "云杉商城",
            "TemplateCode": "SMS_1",
            "TemplateParam": '{"code": "123456"}',
        }
        assert (call.headers["x-acs-action"], call.headers["x-acs-version"]) == ("SendSms", "2017-05-25")
    else:
        assert call.json == {
            "PhoneNumberSet": [f"+86{PHONE}"],
            "SmsSdkAppId": "1400006666",
            "SignName": "云杉商城",
            "TemplateId": "SMS_1",
            "TemplateParamSet": ["123456"],
        }
        assert (call.headers["x-tc-action"], call.headers["x-tc-version"]) == ("SendSms", "2021-01-11")
        assert call.headers["x-tc-region"] == "ap-beijing"


def test_a_template_that_names_no_values_takes_them_all(server: Server, settings) -> None:
    send("other")
    sent = server.calls[0]
    if settings.SMS_SENDER == "aliyun":
        assert json.loads(sent.query["TemplateParam"]) == VALUES
    else:
        assert sent.json["TemplateParamSet"] == ["123456", "5"]


def test_two_calls_are_never_signed_alike(server: Server, settings) -> None:
    send()
    send()
    nonces = {call.headers.get("x-acs-signature-nonce", "") for call in server.calls}
    assert len(nonces) == (2 if settings.SMS_SENDER == "aliyun" else 1)


def test_a_wrong_secret_is_refused_by_the_company(server: Server, settings) -> None:
    settings.SMS_ACCOUNT = {**settings.SMS_ACCOUNT, "key_secret": "another"}
    with pytest.raises(TextNotSent) as refusal:
        send()
    assert (refusal.value.text, refusal.value.http_status) == ("短信暂时发不出去，请稍后再试", 503)


@pytest.mark.parametrize(
    ("aliyun", "tencent", "refusal", "sentence"),
    [
        ("isv.BUSINESS_LIMIT_CONTROL", "LimitExceeded.PhoneNumberDailyLimit", TextsTooOften, "短信过多"),
        ("isv.MOBILE_NUMBER_ILLEGAL", "InvalidParameterValue.IncorrectPhoneNumber", TextRefused, "请换一个手机号"),
        ("isv.AMOUNT_NOT_ENOUGH", "FailedOperation.InsufficientBalanceInSmsPackage", TextNotSent, "请稍后再试"),
        ("", "", TextNotSent, "请稍后再试"),
    ],
)
def test_what_the_company_refuses_is_said_in_words(
    server: Server, company: Company, settings, aliyun: str, tencent: str, refusal: type[DomainError], sentence: str
) -> None:
    company.code = (aliyun if settings.SMS_SENDER == "aliyun" else tencent) or "Never.Heard.Of"
    with pytest.raises(refusal) as raised:
        send()
    assert sentence in raised.value.text


@pytest.mark.parametrize("answer", [b"<html>502</html>", b"[]", b"", b'{"Response": null}', b'{"Response": {}}'])
def test_an_answer_that_is_none_is_not_taken_for_success(server: Server, settings, answer: bytes) -> None:
    with listening(lambda call: (502, answer)) as broken:
        settings.SMS_ACCOUNT = {**settings.SMS_ACCOUNT, "base_url": broken.base_url}
        with pytest.raises(TextNotSent):
            send()


def test_a_redirect_is_not_followed(server: Server, settings) -> None:
    def away(call: Call) -> tuple[int, object]:
        return 307, b""

    with listening(away) as moved:
        settings.SMS_ACCOUNT = {**settings.SMS_ACCOUNT, "base_url": moved.base_url}
        with pytest.raises(TextNotSent):
            send()
        assert len(moved.calls) == 1


def test_neither_secret_nor_phone_nor_code_reaches_the_log(server: Server, company: Company, settings, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    send()
    company.code = "isv.AMOUNT_NOT_ENOUGH"
    with pytest.raises(TextNotSent):
        send()
    settings.SMS_ACCOUNT = {**settings.SMS_ACCOUNT, "base_url": "http://127.0.0.1:9"}
    with pytest.raises(TextNotSent) as unreachable:
        send()
    written = "\n".join(str(vars(record)) for record in caplog.records)
    assert "isv.AMOUNT_NOT_ENOUGH" in written
    assert "ConnectionError" in written
    assert [word for word in (SECRET, PHONE, "123456") if word in written] == []
    assert unreachable.value.__cause__ is None


def test_a_purpose_without_a_template_is_not_sent(server: Server) -> None:
    with pytest.raises(TextNotSent):
        send("unknown")
    assert server.calls == []


@pytest.mark.parametrize("listed", [["login_code"], [":SMS_1"], ["login_code:"]])
def test_templates_that_cannot_be_read_stop_the_start(listed: list[str]) -> None:
    with pytest.raises(ImproperlyConfigured, match="SMS_TEMPLATES"):
        templates(listed)


@pytest.mark.parametrize(
    ("sender", "given", "missing"),
    [
        ("aliyun", {}, ["SMS_KEY_ID", "SMS_KEY_SECRET", "SMS_SIGN_NAME", "SMS_TEMPLATES"]),
        ("tencent", {"SMS_KEY_ID": "k", "SMS_KEY_SECRET": "s", "SMS_SIGN_NAME": "n"}, ["SMS_APP_ID", "SMS_TEMPLATES"]),
    ],
)
def test_an_account_that_lacks_something_stops_the_start(
    monkeypatch, sender: str, given: dict[str, str], missing: list[str]
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured) as refusal:
        text_account(environ.Env(), sender=sender)
    assert all(name in str(refusal.value) for name in missing)
    assert not any(name in str(refusal.value) for name in given)


def test_a_whole_account_is_read_with_the_companys_address(monkeypatch) -> None:
    given = {
        "SMS_KEY_ID": "k",
        "SMS_KEY_SECRET": "s",
        "SMS_SIGN_NAME": "云杉",
        "SMS_TEMPLATES": "login_code:SMS_1:code",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    account = text_account(environ.Env(), sender="aliyun")
    assert account["base_url"] == "https://dysmsapi.aliyuncs.com"
    assert account["templates"] == {"login_code": ("SMS_1", ("code",))}


def own_sender(**message: object) -> None:
    raise RuntimeError(f"broke on {message['phone']}")


def test_what_a_function_of_the_shops_own_raises_means_not_sent(settings, caplog) -> None:
    settings.SMS_SENDER = "tests.members.test_senders.own_sender"
    with pytest.raises(TextNotSent):
        send()
    assert PHONE not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_the_page_says_at_the_phone_that_nothing_was_sent(client, server: Server, company: Company) -> None:
    company.code = "Never.Heard.Of"
    page = client.post("/login/code/", {"phone": PHONE}, headers={"HX-Request": "true"})
    assert page.status_code == 422
    assert re.search(r'id="id_phone_error".*短信暂时发不出去，请稍后再试', page.content.decode(), re.S)
    answer = client.post("/api/v1/auth/codes/", {"phone": "13800000002"}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (503, "text_not_sent")
    assert LoginCode.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_company_carries_the_code_that_logs_in(client, server: Server, settings) -> None:
    assert client.post("/api/v1/auth/codes/", {"phone": PHONE}, content_type="application/json").status_code == 204
    call = server.calls[0]
    is_aliyun = settings.SMS_SENDER == "aliyun"
    code = json.loads(call.query["TemplateParam"])["code"] if is_aliyun else call.json["TemplateParamSet"][0]
    answer = client.post("/api/v1/auth/login/", {"phone": PHONE, "code": code}, content_type="application/json")
    assert (answer.status_code, answer.json()["is_new"]) == (200, True)
