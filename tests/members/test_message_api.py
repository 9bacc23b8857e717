"""The inbox and the choices for programs: what is shown, read and chosen is the caller's alone, and may be repeated."""

from typing import Any

import pytest

from members.models import Member, Message, MessageConsent, SubscribeQuota
from tests.api.conftest import Api, with_token
from tests.members.factories import a_member
from tests.members.messaging import a_way, tell

pytestmark = pytest.mark.django_db(transaction=True)
PREFERENCES, SUBSCRIPTIONS = "messages/preferences/", "messages/subscriptions/"


@pytest.fixture
def member() -> Member:
    return a_member(nickname="小杉")


@pytest.fixture
def api(member: Member) -> Api:
    assert member.user is not None
    return with_token(member.user)


def ids(page: Any) -> list[int]:
    return [one["id"] for one in page["items"]]


def test_the_inbox_is_paged_from_new_to_old(api: Api, member: Member) -> None:
    for number in range(5):
        tell(member, key=f"k{number}")
    first = api.get("messages/?limit=3").json()
    second = api.get(f"messages/?limit=3&cursor={first['next_cursor']}").json()
    assert ids(first) + ids(second) == list(Message.objects.order_by("-pk").values_list("pk", flat=True))
    assert (len(ids(first)), second["next_cursor"]) == (3, "")
    assert first["items"][0] | {"id": 0, "sent_at": ""} == {
        "id": 0,
        "title": "100 积分到账",
        "body": "购物返积分，获得 100 积分，已经可以使用。",
        "link": "/points/",
        "icon": "coins",
        "purpose": "service",
        "sent_at": "",
        "is_unread": True,
    }


def test_reading_is_said_and_may_be_repeated(api: Api, member: Member) -> None:
    for key in "abc":
        tell(member, key=key)
    one = Message.objects.order_by("pk")[0]
    assert api.get("messages/unread/").json() == {"unread": 3}
    for _ in range(2):
        assert api.put(f"messages/{one.pk}/read/").status_code == 204
    assert api.get(f"messages/{one.pk}/").json()["is_unread"] is False
    assert api.put("messages/read/").json() == {"read": 2}
    assert api.put("messages/read/").json() == {"read": 0}
    assert api.get("messages/unread/").json() == {"unread": 0}


def test_another_members_message_is_not_found(api: Api) -> None:
    tell(a_member(phone="13800000002"))
    pk = Message.objects.get().pk
    assert api.get(f"messages/{pk}/").status_code == 404
    assert api.put(f"messages/{pk}/read/").status_code == 404
    assert Message.objects.get().read_at is None


@pytest.mark.parametrize("cursor", ["x", "-1", "1" * 19])
def test_a_cursor_that_is_none_is_refused(api: Api, cursor: str) -> None:
    answer = api.get(f"messages/?cursor={cursor}")
    assert answer.status_code == 400
    assert "cursor" in answer.json()["fields"]


def test_a_choice_is_kept_with_where_it_was_made(api: Api, member: Member) -> None:
    wish = {"way": "sms", "purpose": "marketing", "is_on": True}
    for _ in range(2):
        assert wish in api.put(PREFERENCES, wish).json()
    assert wish in api.get(PREFERENCES).json()
    assert MessageConsent.objects.values_list("member_id", "way", "purpose", "source").get() == (
        *(member.pk, "sms", "marketing"),
        "api",
    )


@pytest.mark.parametrize("wrong", [{"way": "pigeon"}, {"purpose": "spam"}, {"is_on": "maybe"}, {"is_on": None}])
def test_a_choice_that_is_none_is_refused(api: Api, wrong: dict[str, Any]) -> None:
    answer = api.put(PREFERENCES, {"way": "sms", "purpose": "service", "is_on": True} | wrong)
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == list(wrong)
    assert MessageConsent.objects.count() == 0


def test_an_answer_in_wechat_counts_once_however_often_it_is_reported(api: Api) -> None:
    a_way("wechat_subscribe")
    assert api.get(SUBSCRIPTIONS).json() == [{"code": "points_gained", "template_id": "tmpl"}]
    for _ in range(2):
        answer = api.post(SUBSCRIPTIONS, {"accepted": ["tmpl"]}, headers={"Idempotency-Key": "asked-1"})
        assert answer.status_code == 204
    assert SubscribeQuota.objects.get().remaining == 1
    api.post(SUBSCRIPTIONS, {"accepted": ["tmpl"]}, headers={"Idempotency-Key": "asked-2"})
    assert SubscribeQuota.objects.get().remaining == 2


@pytest.mark.parametrize(
    "body", [{"accepted": ["theirs"]}, {"accepted": "tmpl"}, {"accepted": ["x"] * 21}, {"accepted": [7]}]
)
def test_templates_that_are_none_of_the_shops_are_refused(api: Api, body: dict[str, Any]) -> None:
    answer = api.post(SUBSCRIPTIONS, body)
    assert answer.status_code == 400
    assert [name.split(".")[0] for name in answer.json()["fields"]] == ["accepted"]
    assert SubscribeQuota.objects.count() == 0
