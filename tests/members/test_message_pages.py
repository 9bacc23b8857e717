"""The inbox on a phone: what is new stands out, what is opened is read, and each way can be switched off."""

import re
from base64 import urlsafe_b64decode
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from members.models import Member, Message, MessageConsent, MessageEmail
from members.selectors.message_settings import masked_email
from tests.members.factories import AT, a_member
from tests.members.messaging import by_email, tell

pytestmark = pytest.mark.django_db
INBOX, SETTINGS = "/messages/", "/messages/settings/"


@pytest.fixture
def member() -> Member:
    return a_member(nickname="小杉")


@pytest.fixture
def phone(member: Member, client: Client) -> Client:
    client.force_login(member.user, backend="members.sign_in_backend.MemberBackend")
    return client


def html(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_visitor_logs_in_first(client: Client) -> None:
    for path in (INBOX, SETTINGS, "/messages/1/"):
        assert client.get(path)["Location"].startswith("/login/?next=%2Fmessages%2F")


def test_an_empty_inbox_says_what_will_come(phone: Client) -> None:
    assert "还没有消息" in html(phone, INBOX)


def test_unread_messages_stand_out_and_opening_one_reads_it(phone: Client, member: Member) -> None:
    tell(member, key="a")
    tell(member, key="b")
    first = Message.objects.order_by("pk")[0]
    page = html(phone, INBOX)
    assert (page.count("data-unread"), "2 条未读" in page) == (2, True)
    detail = html(phone, reverse("members:message", args=[first.pk]))
    assert 'href="/points/"' in detail
    first.refresh_from_db()
    assert first.read_at is not None
    assert html(phone, INBOX).count("data-unread") == 1


def test_the_bell_tells_how_many_are_unread(phone: Client, member: Member) -> None:
    assert 'aria-label="消息"' in html(phone, "/")
    tell(member)
    for path in ("/", "/me/"):
        assert 'aria-label="消息，1 条未读"' in html(phone, path)


def test_more_than_99_unread_are_not_counted_further(phone: Client, member: Member) -> None:
    tell(member)
    one = Message.objects.get()
    Message.objects.bulk_create(
        Message(member=member, template=one.template, key=f"k{n}", title="t", body="b", sent_at=AT) for n in range(150)
    )
    assert "消息，99+ 条未读" in html(phone, "/")


def test_all_are_read_at_once(phone: Client, member: Member) -> None:
    for key in "abc":
        tell(member, key=key)
    page = phone.post("/messages/read/", follow=True).content.decode()
    assert "3 条消息已标为已读" in page
    assert "data-unread" not in page
    assert "没有未读消息" in phone.post("/messages/read/", follow=True).content.decode()


def test_pages_follow_by_cursor_and_miss_nothing(phone: Client, member: Member) -> None:
    for number in range(45):
        tell(member, key=f"k{number}", at=AT + timedelta(minutes=number))
    seen, path = [], INBOX
    while path:
        page = phone.get(path, headers={"HX-Request": "true"} if seen else {}).content.decode()
        seen += re.findall(r'href="/messages/(\d+)/"', page)
        found = re.search(r'hx-get="([^"]+)"', page)
        path = found[1] if found else ""
    expected = Message.objects.order_by("-pk").values_list("pk", flat=True)
    assert [int(pk) for pk in seen] == list(expected)


def test_another_members_message_does_not_exist(phone: Client) -> None:
    other = a_member(phone="13800000002")
    tell(other)
    assert phone.get(reverse("members:message", args=[Message.objects.get().pk])).status_code == 404
    assert Message.objects.get().read_at is None


@pytest.mark.parametrize("path", ["/messages/?before=x", f"/messages/{2**63}/", "/messages/?before=-1"])
def test_addresses_that_lead_nowhere_are_404(phone: Client, path: str) -> None:
    assert phone.get(path).status_code == 404


def test_words_of_a_message_are_never_markup(phone: Client, member: Member) -> None:
    tell(member, points=1, reason="<script>alert(1)</script>")
    page = html(phone, INBOX) + html(phone, reverse("members:message", args=[Message.objects.get().pk]))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_switches_say_how_it_is_and_are_kept(phone: Client, member: Member) -> None:
    page = html(phone, SETTINGS)
    assert re.search(r'name="service-sms" checked', page)
    assert re.search(r'name="marketing-sms">', page)
    assert "22:00 至 8:00 免打扰" in page
    phone.post(SETTINGS, {"marketing-sms": "on", "service-email": "on"})
    rows = MessageConsent.objects.order_by("purpose", "way").values_list("purpose", "way", "given_at", "source")
    assert [(purpose, way, given is not None) for purpose, way, given, _ in rows] == [
        ("marketing", "sms", True),
        ("marketing", "wechat_subscribe", False),
        ("service", "sms", False),
        ("service", "wechat_official", False),
        ("service", "wechat_subscribe", False),
    ]
    page = html(phone, SETTINGS)
    assert re.search(r'name="marketing-sms" checked', page)
    assert re.search(r'name="service-sms">', page)


def test_an_email_is_confirmed_by_the_button_behind_its_link(phone: Client, member: Member) -> None:
    phone.post("/messages/email/", {"email": "shan@example.com"})
    assert "待确认" in html(phone, SETTINGS)
    link = re.search(r"http://testserver(/messages/email/\S+)", str(mail.outbox[0].body))
    assert link
    said = link[1].split("/")[-2].split(":")[0]
    assert b"shan" not in urlsafe_b64decode(said + "=" * (-len(said) % 4)), "addresses of pages stand in logs"
    visitor = Client()
    assert "确认邮箱" in html(visitor, link[1])
    assert MessageEmail.objects.get().confirmed_at is None
    assert "邮箱已确认" in visitor.post(link[1]).content.decode()
    assert "s***n@example.com" in html(phone, SETTINGS)
    assert visitor.post("/messages/email/nonsense/").status_code == 400


def test_a_wrong_address_is_refused_at_the_field(phone: Client) -> None:
    answer = phone.post("/messages/email/", {"email": "nobody"})
    assert answer.status_code == 422
    assert "请填写正确的邮箱" in answer.content.decode()
    assert (MessageEmail.objects.count(), mail.outbox) == (0, [])


def test_an_empty_address_removes_it(phone: Client, member: Member) -> None:
    by_email(member)
    phone.post("/messages/email/", {"email": " "})
    assert MessageEmail.objects.count() == 0


def test_mails_are_not_sent_without_end(phone: Client) -> None:
    codes = [phone.post("/messages/email/", {"email": "shan@example.com"}).status_code for _ in range(6)]
    assert codes == [302] * 5 + [429]
    assert len(mail.outbox) == 5


@pytest.mark.parametrize(("address", "masked"), [("shan@e.com", "s***n@e.com"), ("a@e.com", "a***@e.com")])
def test_an_address_is_masked(address: str, masked: str) -> None:
    assert masked_email(address) == masked


@pytest.mark.parametrize("path", [INBOX, SETTINGS])
def test_a_page_costs_few_queries_however_full_the_inbox(
    phone: Client, member: Member, path: str, django_assert_max_num_queries: object
) -> None:
    for number in range(30):
        tell(member, key=f"k{number}")
    phone.get(path)
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        phone.get(path)
