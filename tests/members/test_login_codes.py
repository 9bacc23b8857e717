"""Codes: sending within limits, trying, using once."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import override_settings
from django.utils import timezone

from config.core.errors import DomainError
from members.models import DevMessage, LoginCode
from members.rules import codes
from members.rules.phones import InvalidPhone
from members.services import login_codes
from members.tasks import prune_login_codes
from tests.members.factories import AT, PHONE

pytestmark = pytest.mark.django_db
HERE = "203.0.113.7"


@pytest.fixture
def send(django_capture_on_commit_callbacks, settings):
    """Send a code and read it from the dev inbox."""
    settings.DEV_INBOX = True

    def send(phone: str = PHONE, address: str = HERE, at: datetime = AT) -> str:
        with django_capture_on_commit_callbacks(execute=True):
            login_codes.send_code(phone=phone, address=address, at=at)
        return re.search(r"\d{6}", DevMessage.objects.latest("pk").text)[0]

    return send


def tried(code: str, at: datetime = AT) -> str | None:
    refusal = login_codes.try_code(phone=PHONE, code=code, at=at)
    return refusal and refusal.text


def other(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def refused(kind: type[DomainError], send, **changes) -> str:
    with pytest.raises(kind) as caught:
        send(**changes)
    assert caught.value.field == "phone"
    return caught.value.text


def test_the_message_names_the_shop_the_code_and_how_long_it_lives(send, capsys) -> None:
    code = send()
    text = f"【云杉会员商城】验证码 {code}，5 分钟内有效，请勿告诉他人。"
    assert DevMessage.objects.get().text == text
    assert capsys.readouterr().out == f"SMS {PHONE}: {text}\n"


def test_without_a_dev_inbox_nothing_is_kept(django_capture_on_commit_callbacks, settings) -> None:
    settings.DEV_INBOX = False
    with django_capture_on_commit_callbacks(execute=True):
        login_codes.send_code(phone=PHONE, address=HERE, at=AT)
    assert not DevMessage.objects.exists()


def test_neither_code_phone_nor_address_is_stored_in_clear(send) -> None:
    code = send()
    row = str(LoginCode.objects.values().get())
    assert code not in row.replace(str(AT.microsecond), "")
    assert PHONE not in row
    assert HERE not in row


def test_nothing_is_sent_when_the_transaction_does_not_commit() -> None:
    login_codes.send_code(phone=PHONE, address=HERE, at=AT)
    assert not DevMessage.objects.exists()


def test_the_right_code_works_once(send) -> None:
    code = send()
    assert tried(code) is None
    assert tried(code) == "验证码已失效，请重新获取"


def test_a_code_may_be_typed_wide(send) -> None:
    code = send()
    wide = code.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert tried(f" {wide[:3]} {wide[3:]} ") is None


def test_five_wrong_tries_use_the_code_up(send) -> None:
    code = send()
    assert [tried(other(code)) for _ in range(5)] == [
        "验证码不正确，还可以再试 4 次",
        "验证码不正确，还可以再试 3 次",
        "验证码不正确，还可以再试 2 次",
        "验证码不正确，还可以再试 1 次",
        "输错次数过多，请重新获取验证码",
    ]
    assert tried(code) == "输错次数过多，请重新获取验证码"
    assert LoginCode.objects.get().tries == 5


def test_a_code_lives_for_five_minutes(send) -> None:
    code = send()
    assert tried(code, AT + timedelta(minutes=5)) == "验证码已失效，请重新获取"
    assert tried(code, AT + timedelta(minutes=5) - timedelta(seconds=1)) is None


def test_only_the_newest_code_works(send) -> None:
    old = send()
    new = send(at=AT + timedelta(seconds=60))
    assert old != new or pytest.skip("one in a million: the same code twice")
    assert tried(old, AT + timedelta(seconds=61)) == "验证码不正确，还可以再试 4 次"
    assert tried(new, AT + timedelta(seconds=61)) is None


def test_a_code_of_another_phone_is_worth_nothing(send) -> None:
    code = send(phone="13800000002")
    assert tried(code) == "验证码已失效，请重新获取"


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "1" * 100_000])
def test_what_is_no_code_costs_no_try(send, typed: str) -> None:
    send()
    with pytest.raises(codes.InvalidCode) as refusal:
        tried(typed)
    assert (refusal.value.text, refusal.value.field) == ("请输入 6 位数字验证码", "code")
    assert LoginCode.objects.get().tries == 0


def test_a_bad_phone_sends_nothing(send) -> None:
    assert refused(InvalidPhone, send, phone="12345") == "请输入 11 位手机号"
    assert not LoginCode.objects.exists()


def test_the_next_code_must_wait_a_minute(send) -> None:
    send()
    soon = AT + timedelta(seconds=17, milliseconds=500)
    assert refused(codes.CodeSentRecently, send, at=soon) == "验证码已发送，请 43 秒后再获取"
    send(at=AT + timedelta(seconds=60))


@override_settings(POLICIES={"login_codes_per_phone_day": 2})
def test_a_phone_gets_so_many_codes_a_day_of_shanghai(send) -> None:
    late = datetime(2026, 11, 18, 23, 50, tzinfo=ZoneInfo("Asia/Shanghai"))
    send(at=late)
    send(at=late + timedelta(minutes=2))
    sentence = "该手机号今天获取验证码次数过多，请明天再试"
    assert refused(codes.TooManyCodes, send, at=late + timedelta(minutes=9)) == sentence
    send(at=late + timedelta(minutes=10))


@override_settings(POLICIES={"login_codes_per_address_day": 2})
def test_a_network_gets_so_many_codes_a_day_of_shanghai(send) -> None:
    evening = datetime(2026, 11, 18, 21, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    for number in range(2):
        send(phone=f"1380000001{number}", at=evening + timedelta(minutes=number))
    sentence = "当前网络今天获取验证码次数过多，请换一个网络或明天再试"
    late = evening + timedelta(hours=2)
    assert refused(codes.TooManyCodesFromHereToday, send, phone="13800000019", at=late) == sentence
    send(phone="13800000019", address="203.0.113.8", at=late)
    send(phone="13800000018", at=evening + timedelta(hours=3))


@override_settings(POLICIES={"login_codes_per_address_hour": 2})
def test_a_network_gets_so_many_codes_an_hour(send) -> None:
    send(phone="13800000001")
    send(phone="13800000002")
    sentence = "当前网络获取验证码过于频繁，请一小时后再试"
    assert refused(codes.TooManyCodesFromHere, send, phone="13800000003") == sentence
    send(phone="13800000003", address="203.0.113.8")
    send(phone="13800000004", at=AT + timedelta(hours=1))


def test_one_ipv6_customer_is_one_network() -> None:
    assert codes.network_of("2001:db8:1:2:3:4:5:6") == codes.network_of("2001:db8:1:2::9") == "2001:db8:1:2::/64"
    assert codes.network_of("2001:db8:1:3::9") != codes.network_of("2001:db8:1:2::9")
    assert codes.network_of("::ffff:203.0.113.7") == codes.network_of("203.0.113.7") == "203.0.113.7"
    assert codes.network_of("unix:") == "unix:"


def test_old_codes_are_pruned_and_young_ones_stay(send) -> None:
    send(at=AT - timedelta(days=2))
    send(at=AT)
    assert login_codes.prune(before=AT - timedelta(days=1)) == 1
    assert LoginCode.objects.get().sent_at == AT


def test_the_nightly_task_prunes_what_no_limit_looks_at(send) -> None:
    now = timezone.now()
    send(at=now - timedelta(days=3))
    send(at=now - timedelta(hours=30))
    prune_login_codes()
    prune_login_codes()
    assert LoginCode.objects.get().sent_at == now - timedelta(hours=30)
