"""Logging in and out in the browser."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from members.models import DevMessage, LoginCode, Member
from tests.members.factories import PHONE, a_clerk, a_member

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}
AskForCode = Callable[..., str]


@pytest.fixture(autouse=True)
def with_inbox(settings) -> None:
    settings.DEV_INBOX = True


@pytest.fixture
def ask(client: Client, django_capture_on_commit_callbacks) -> AskForCode:
    """Ask for a code as the page does, and read it from the inbox."""

    def ask(phone: str = PHONE) -> str:
        with django_capture_on_commit_callbacks(execute=True):
            assert client.post("/login/code/", {"phone": phone}, **HTMX).status_code == 200
        return re.search(r"\d{6}", DevMessage.objects.latest("pk").text)[0]

    return ask


def log_in(client: Client, code: str, *, phone: str = PHONE, **more: str):
    return client.post("/login/", {"phone": phone, "code": code, **more})


def test_phone_and_code_lead_to_where_one_wanted_to_go(client: Client, ask: AskForCode) -> None:
    response = log_in(client, ask(), next="/points/?type=spent")
    assert (response.status_code, response["Location"]) == (302, "/points/?type=spent")
    assert Member.objects.get().phone == PHONE
    assert client.get("/points/").status_code == 200


@pytest.mark.parametrize("evil", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"])
def test_next_never_leads_away(client: Client, ask: AskForCode, evil: str) -> None:
    assert log_in(client, ask(), next=evil)["Location"] == reverse("mall:member-centre")
    assert evil not in Client().get("/login/", {"next": evil}).content.decode()


@pytest.mark.parametrize("odd", ["abc", "0", "mall:home", "%", "points/", "http:///points/", "/\t/evil.example"])
def test_next_is_the_path_of_a_page_or_nothing(client: Client, ask: AskForCode, odd: str) -> None:
    assert log_in(client, ask(), next=odd)["Location"] == reverse("mall:member-centre")
    assert client.get("/login/", {"next": odd})["Location"] == reverse("mall:member-centre")


def test_who_is_signed_in_goes_on_at_once(client: Client, ask: AskForCode) -> None:
    log_in(client, ask())
    assert client.get("/login/?next=/benefits/")["Location"] == "/benefits/"


def test_a_session_key_known_before_the_log_in_is_worth_nothing(client: Client, ask: AskForCode) -> None:
    client.force_login(a_clerk())
    planted = client.session.session_key
    log_in(client, ask())
    assert client.session.session_key != planted
    stranger = Client()
    stranger.cookies["sessionid"] = planted
    assert stranger.get("/points/").status_code == 302


@pytest.mark.parametrize(
    ("phone", "code", "sentence"),
    [
        ("", "", "请输入 11 位手机号"),
        ("12345", "123456", "请输入 11 位手机号"),
        ("<script>", "123456", "请输入 11 位手机号"),
        ("\0", "123456", "请输入 11 位手机号"),
        (PHONE, "", "请输入 6 位数字验证码"),
        (PHONE, "12ab56", "请输入 6 位数字验证码"),
        (PHONE, "12\x0056", "请输入 6 位数字验证码"),
        (PHONE, "123456", "验证码已失效，请重新获取"),
    ],
)
def test_bad_input_has_a_sentence_at_its_field_and_keeps_what_was_typed(
    client: Client, phone: str, code: str, sentence: str
) -> None:
    response = log_in(client, code, phone=phone)
    page = response.content.decode()
    field = "id_phone" if "手机号" in sentence else "id_code"
    assert response.status_code == 422
    assert re.search(rf'id="{field}_error"[^>]*>.*?<span>{sentence}</span>', page, re.S)
    assert "<script>" not in page.replace("<script src", "")
    if phone == PHONE:
        assert f'value="{PHONE}"' in page


def test_a_missing_form_is_bad_input_not_an_error(client: Client) -> None:
    assert client.post("/login/").status_code == 422
    assert client.post("/login/code/").status_code == 422
    assert client.post("/login/code/", {"phone": "\0"}).status_code == 422


def test_wrong_codes_are_counted_down_and_then_refused(client: Client, ask: AskForCode) -> None:
    code = ask()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert "验证码不正确，还可以再试 4 次" in log_in(client, wrong).content.decode()
    for _ in range(4):
        log_in(client, wrong)
    assert "输错次数过多，请重新获取验证码" in log_in(client, code).content.decode()
    assert not Member.objects.exists()


def test_sending_answers_with_the_fields_waiting_and_the_phone_kept(client: Client) -> None:
    response = client.post("/login/code/", {"phone": "138 0000 0001"}, **HTMX)
    page = response.content.decode()
    assert response.status_code == 200
    assert '<wait-button seconds="60"' in page
    assert 'value="138 0000 0001"' in page
    assert "<html" not in page


def test_without_htmx_the_whole_page_comes_back(client: Client) -> None:
    response = client.post("/login/code/", {"phone": PHONE, "next": "/points/"})
    page = response.content.decode()
    assert (response.status_code, "<html" in page, "验证码已发送" in page) == (200, True, True)
    assert '<input type="hidden" name="next" value="/points/">' in page


def test_sending_is_the_same_for_members_and_strangers(client: Client) -> None:
    a_member(phone="13800000002")
    pages = [
        client.post("/login/code/", {"phone": phone}, **HTMX).content.decode().replace(phone, "")
        for phone in ("13800000002", "13800000003")
    ]
    assert pages[0] == pages[1]


def test_too_soon_and_bad_phones_are_refused_at_the_phone(client: Client, ask: AskForCode) -> None:
    ask()
    soon = client.post("/login/code/", {"phone": PHONE}, **HTMX)
    assert soon.status_code == 429
    assert re.search(r'id="id_phone_error".*验证码已发送，请 \d+ 秒后再获取', soon.content.decode(), re.S)
    assert re.search(r'<wait-button seconds="\d+"', soon.content.decode())
    bad = client.post("/login/code/", {"phone": "123"}, **HTMX)
    assert (bad.status_code, "请输入 11 位手机号" in bad.content.decode()) == (422, True)


def test_limits_count_the_connection_not_a_header(client: Client, settings) -> None:
    settings.POLICIES = {"login_codes_per_address_hour": 1}
    client.post("/login/code/", {"phone": "13800000001"}, HTTP_X_FORWARDED_FOR="198.51.100.1")
    second = client.post("/login/code/", {"phone": "13800000002"}, HTTP_X_FORWARDED_FOR="198.51.100.2")
    assert (second.status_code, LoginCode.objects.count()) == (429, 1)
    assert "当前网络获取验证码过于频繁" in second.content.decode()


def test_logging_out_ends_the_session_and_needs_a_post(client: Client, ask: AskForCode) -> None:
    log_in(client, ask())
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/").status_code == 302
    assert client.get("/points/").status_code == 302


def test_forms_are_guarded_against_forgery() -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/login/", {"phone": PHONE, "code": "123456"}).status_code == 403
    assert strict.post("/login/code/", {"phone": PHONE}).status_code == 403
    assert strict.post("/logout/").status_code == 403


def test_a_frozen_member_is_out_at_once(client: Client, ask: AskForCode) -> None:
    log_in(client, ask())
    Member.objects.update(status="frozen")
    assert client.get("/points/").status_code == 302
    LoginCode.objects.all().delete()
    response = log_in(client, ask())
    assert (response.status_code, "该账号已被冻结，请联系客服" in response.content.decode()) == (422, True)


def test_staff_is_no_member_and_a_member_no_staff(client: Client) -> None:
    client.force_login(a_clerk())
    assert client.get("/points/")["Location"] == "/login/?next=%2Fpoints%2F"
    client.force_login(a_member().user)
    assert client.get("/admin/").status_code == 302


def test_the_inbox_shows_what_was_sent_and_exists_in_development_only(
    client: Client, ask: AskForCode, settings
) -> None:
    code = ask()
    assert code in client.get("/dev/inbox/").content.decode()
    assert "/dev/inbox/" in client.get("/login/").content.decode()
    settings.DEV_INBOX = False
    assert client.get("/dev/inbox/").status_code == 404
    assert "/dev/inbox/" not in client.get("/login/").content.decode()
