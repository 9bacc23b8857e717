from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import transaction
from django.test import Client
from django.urls import reverse

from config.outbox import publishing as outbox
from config.outbox.models import Delivery, Message
from config.outbox.services import dead_letters
from config.outbox.services.deliveries import DeliveryReport, deliver_all
from config.outbox.subscriptions import subscribe
from tests.outbox.conftest import AT
from tests.outbox.facts import ParcelLost, ParcelMoved


class CarrierError(Exception):
    pass


class Carrier:
    """A handler that fails until it is mended."""

    def __init__(self) -> None:
        self.is_broken = True
        self.heard: list[int] = []
        subscribe(ParcelMoved, self.hear, name="tests.carrier")

    def hear(self, event: ParcelMoved) -> None:
        if self.is_broken:
            raise CarrierError
        self.heard.append(event.stop)


@pytest.fixture
def carrier(db: None, settings: Any) -> Carrier:
    """One dead letter (stop 1) with another message behind it."""
    settings.OUTBOX_MAX_ATTEMPTS = 1
    carrier = Carrier()
    with transaction.atomic():
        outbox.publish_many(ParcelMoved(parcel_id=1, stop=stop) for stop in (1, 2))
    deliver_all(at=AT)
    carrier.is_broken = False
    assert list(states()) == ["dead", "pending"]
    return carrier


def states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def ids() -> list[int]:
    return list(Delivery.objects.order_by("pk").values_list("pk", flat=True))


def test_a_dead_letter_delivered_again_opens_its_line(carrier: Carrier):
    assert deliver_all(at=AT) == DeliveryReport(delivered=0, failed=0)
    moved = dead_letters.redeliver(deliveries=ids())
    assert [delivery.pk for delivery in moved] == ids()[:1]
    assert deliver_all(at=AT) == DeliveryReport(delivered=2, failed=0)
    assert carrier.heard == [1, 2]


def test_a_skipped_dead_letter_lets_those_behind_it_pass(carrier: Carrier):
    moved = dead_letters.skip(deliveries=ids(), at=AT)
    assert [delivery.pk for delivery in moved] == ids()[:1]
    assert deliver_all(at=AT) == DeliveryReport(delivered=1, failed=0)
    assert carrier.heard == [2]
    assert states() == ["skipped", "delivered"]


def test_both_decisions_wake_the_stream_after_commit(
    carrier: Carrier, nudges: list[Any], django_capture_on_commit_callbacks: Any
):
    with django_capture_on_commit_callbacks(execute=True):
        dead_letters.redeliver(deliveries=ids())
    assert nudges == [("outbox.deliver_streams", {"streams": ["parcel:1"]})]


def staff_client(*permissions: str) -> Client:
    user = get_user_model().objects.create(username="warehouse", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="outbox", codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def act(client: Client, action: str) -> Any:
    url = reverse("admin:outbox_delivery_changelist")
    return client.post(url, {"action": action, "_selected_action": ids()}, follow=True)


@pytest.mark.parametrize(
    ("action", "says", "becomes"),
    [
        ("redeliver", "已重新投递 1 条死信", ["pending", "pending"]),
        ("skip", "已跳过 1 条死信", ["skipped", "pending"]),
    ],
)
def test_staff_with_the_permission_decide_in_the_admin_and_it_is_logged(
    carrier: Carrier, action: str, says: str, becomes: list[str]
):
    client = staff_client("view_delivery", "resolve_delivery")
    assert says in act(client, action).content.decode()
    assert states() == becomes
    assert list(LogEntry.objects.values_list("object_id", flat=True)) == [str(ids()[0])]
    assert "所选投递中没有死信" in act(client, action).content.decode()
    assert LogEntry.objects.count() == 1


def test_staff_without_the_permission_can_look_but_not_decide(carrier: Carrier):
    client = staff_client("view_delivery")
    page = act(client, "skip").content.decode()
    assert "tests.carrier" in page
    assert states() == ["dead", "pending"]


def test_messages_and_deliveries_open_read_only(carrier: Carrier):
    client = staff_client("view_delivery", "view_message", "resolve_delivery")
    for model, row in (("delivery", ids()[0]), ("message", Message.objects.earliest("pk").pk)):
        page = client.get(reverse(f"admin:outbox_{model}_change", args=[row]))
        assert page.status_code == 200
        assert "tests.carrier" in page.content.decode()
        assert client.get(reverse(f"admin:outbox_{model}_add")).status_code == 403
        assert client.post(reverse(f"admin:outbox_{model}_delete", args=[row])).status_code == 403


def test_lists_are_filtered_by_state_handler_and_event(carrier: Carrier):
    client = staff_client("view_delivery", "view_message")
    url = reverse("admin:outbox_delivery_changelist")
    subscribe(ParcelLost, carrier.hear, name="tests.carrier")
    for query, shown in (
        ({}, ["pending", "dead"]),
        ({"state__exact": "dead"}, ["dead"]),
        ({"handler": "tests.carrier"}, ["pending", "dead"]),
        ({"event": "tests.ParcelMoved"}, ["pending", "dead"]),
        ({"event": "tests.ParcelLost"}, []),
        ({"q": "parcel:1"}, ["pending", "dead"]),
        ({"q": "parcel:2"}, []),
    ):
        page = client.get(url, query)
        assert [delivery.state for delivery in page.context["cl"].result_list] == shown, query


@pytest.mark.parametrize("model", ["delivery", "message"])
def test_lists_take_a_constant_number_of_queries(carrier: Carrier, model: str, django_assert_max_num_queries: Any):
    with transaction.atomic():
        outbox.publish_many(ParcelMoved(parcel_id=parcel, stop=1) for parcel in range(2, 60))
    client = staff_client("view_delivery", "view_message")
    with django_assert_max_num_queries(12):
        assert client.get(reverse(f"admin:outbox_{model}_changelist")).status_code == 200
