import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.urls import path
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate
from rest_framework.views import APIView

from config.core.errors import DomainError
from config.outbox import publishing as outbox
from config.outbox.idempotency import idempotent
from config.outbox.models import IdempotencyKey, Message
from config.outbox.services import answers
from config.outbox.services.retention import prune_answers
from tests.outbox.facts import ParcelMoved


class ParcelTooHeavy(DomainError):
    code = "parcel_too_heavy"
    message = "包裹超重 {kilos} 千克"


class ParcelInput(serializers.Serializer):
    stop = serializers.IntegerField(min_value=1)
    kilos = serializers.IntegerField(default=1)


class ParcelView(APIView):
    """Publishes one fact: the effect that must not be doubled."""

    permission_classes = ()
    authentication_classes = ()
    during: Callable[[], None] = staticmethod(lambda: None)

    @idempotent()
    def post(self, request: Request, parcel_id: int) -> Response:
        form = ParcelInput(data=request.data)
        form.is_valid(raise_exception=True)
        outbox.publish(ParcelMoved(parcel_id=parcel_id, stop=form.validated_data["stop"]))
        type(self).during()
        if form.validated_data["kilos"] > 30:
            raise ParcelTooHeavy(kilos=form.validated_data["kilos"] - 30)
        if form.validated_data["stop"] == 500:
            return Response({}, status=status.HTTP_503_SERVICE_UNAVAILABLE)
        return Response({"message": Message.objects.count(), "note": "已揽收"}, status=status.HTTP_201_CREATED)

    @idempotent(required=True)
    def put(self, request: Request, parcel_id: int) -> Response:
        return Response(status=status.HTTP_204_NO_CONTENT)


def send(key: str | None, body: Any = None, *, method: str = "post", parcel: int = 1, user: int | None = 7) -> Response:
    headers = {} if key is None else {"Idempotency-Key": key}
    body = {"stop": 1} if body is None else body
    request = getattr(APIRequestFactory(), method)(f"/parcels/{parcel}/", body, format="json", headers=headers)
    if user:
        force_authenticate(request, SimpleNamespace(pk=user, is_authenticated=True))
    response: Response = ParcelView.as_view()(request, parcel_id=parcel)
    return response.render()


@pytest.mark.django_db
def test_a_repeated_request_gets_the_first_answer_and_has_no_second_effect():
    first, again = send("k-1"), send("k-1")
    assert (first.status_code, first.data) == (201, {"message": 1, "note": "已揽收"})
    assert "Idempotency-Replayed" not in first.headers
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Message.objects.count() == 1


@pytest.mark.django_db
def test_field_order_and_white_space_do_not_make_another_request():
    send("k-1", {"stop": 1, "kilos": 2})
    assert send("k-1", {"kilos": 2, "stop": 1}).headers["Idempotency-Replayed"] == "true"


@pytest.mark.django_db
@pytest.mark.parametrize("other", [{"body": {"stop": 2}}, {"parcel": 2}, {"method": "put"}])
def test_a_key_used_for_another_request_is_refused(other: dict[str, Any]):
    send("k-1")
    answer = send("k-1", **other)
    assert answer.status_code == 422
    assert answer.data == {
        "code": "idempotency_key_reused",
        "message": "这个幂等键已用于另一个请求，请换一个新的键",
        "fields": {},
        "facts": {},
    }
    assert Message.objects.count() == 1


@pytest.mark.django_db
def test_keys_of_two_callers_do_not_meet():
    send("k-1", user=7)
    assert send("k-1", {"stop": 2}, user=8).status_code == 201
    assert Message.objects.count() == 2


@pytest.mark.django_db
def test_a_refusal_is_an_answer_and_takes_back_what_was_done():
    first, again = send("k-1", {"stop": 1, "kilos": 31}), send("k-1", {"stop": 1, "kilos": 31})
    assert (first.status_code, first.data["message"]) == (409, "包裹超重 1 千克")
    assert (again.status_code, again.content) == (409, first.content)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Message.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("body", [{"stop": 0}, {}, {"stop": "x"}])
def test_malformed_input_may_be_mended_under_the_same_key(body: dict[str, Any]):
    assert send("k-1", body).status_code == 400
    assert send("k-1").status_code == 201
    assert Message.objects.count() == 1


@pytest.mark.django_db
def test_a_server_error_keeps_neither_answer_nor_effect():
    assert send("k-1", {"stop": 500}).status_code == 503
    assert (IdempotencyKey.objects.count(), Message.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_a_crash_keeps_neither_answer_nor_effect(monkeypatch: pytest.MonkeyPatch):
    def crash() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(ParcelView, "during", staticmethod(crash))
    with pytest.raises(ZeroDivisionError):
        send("k-1")
    assert (IdempotencyKey.objects.count(), Message.objects.count()) == (0, 0)
    monkeypatch.undo()
    assert send("k-1").status_code == 201


@pytest.mark.django_db
def test_without_the_header_each_request_counts():
    assert [send(None).status_code, send(None).status_code] == [201, 201]
    assert (Message.objects.count(), IdempotencyKey.objects.count()) == (2, 0)


@pytest.mark.django_db
def test_a_view_may_require_the_header():
    answer = send(None, method="put")
    assert (answer.status_code, answer.data["code"]) == (400, "idempotency_key_missing")


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "a" * 201, "a b", "键", "a\tb"])
def test_a_malformed_key_is_refused(key: str):
    answer = send(key)
    assert (answer.status_code, answer.data["code"]) == (400, "idempotency_key_malformed")
    assert Message.objects.count() == 0


@pytest.mark.django_db
def test_an_empty_answer_is_replayed_empty():
    first, again = send("k" * 200, method="put"), send("k" * 200, method="put")
    assert (first.status_code, again.status_code) == (204, 204)
    assert (first.content, again.content) == (b"", b"")
    assert again.headers["Idempotency-Replayed"] == "true"


@pytest.mark.django_db
def test_a_visitor_has_no_keys():
    assert send("k-1", user=None).status_code in {401, 403}
    assert IdempotencyKey.objects.count() == 0


def test_the_schema_names_the_header_beside_what_the_view_states():
    class Documented(ParcelView):
        @extend_schema(request=ParcelInput, responses={201: ParcelInput})
        @idempotent(required=True)
        def post(self, request: Request, parcel_id: int) -> Response:
            return Response()

    schema = SchemaGenerator(patterns=[path("parcels/<int:parcel_id>/", Documented.as_view())]).get_schema(public=True)
    operation = schema["paths"]["/parcels/{parcel_id}/"]["post"]
    headers = [(item["name"], item["required"]) for item in operation["parameters"] if item["in"] == "header"]
    assert headers == [("Idempotency-Key", True)]
    assert "ParcelInput" in operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]


@pytest.mark.django_db
def test_the_stored_answer_is_sealed():
    send("k-1")
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM outbox_idempotencykey")
        (sealed,) = cursor.fetchone()
    assert "message" not in sealed
    assert json.loads(IdempotencyKey.objects.get().body) == {"message": 1, "note": "已揽收"}


@pytest.mark.django_db
def test_answers_are_forgotten_after_a_day():
    send("k-1")
    now = timezone.now()
    assert prune_answers(at=now + timedelta(hours=23)) == 0
    assert prune_answers(at=now + timedelta(hours=25), chunk=1) == 1
    assert "Idempotency-Replayed" not in send("k-1").headers


@pytest.mark.django_db
@pytest.mark.parametrize(("hours", "is_replayed"), [(23.99, True), (24, False), (40, False)])
def test_an_answer_is_given_again_for_24_hours_even_when_nobody_has_pruned(hours: float, is_replayed: bool):
    send("k-1")
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=hours))
    assert ("Idempotency-Replayed" in send("k-1").headers) is is_replayed
    assert Message.objects.count() == (1 if is_replayed else 2)
    assert send("k-1").headers["Idempotency-Replayed"] == "true"


@pytest.mark.django_db
def test_after_a_day_a_key_may_mean_something_else():
    send("k-1")
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=24))
    assert send("k-1", {"stop": 2}).status_code == 201
    assert send("k-1", {"stop": 1}).status_code == 422


class MeetingView:
    """Holds the first request inside the view until the second is inside too, or half a second."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.entered = 0
        self.met = threading.Event()
        monkeypatch.setattr(ParcelView, "during", staticmethod(self.meet))

    def meet(self) -> None:
        self.entered += 1
        if self.entered > 1:
            self.met.set()
        self.met.wait(0.5)


def send_twice_at_once() -> list[Response]:
    def send_in_own_connection(_: int) -> Response:
        try:
            return send("k-1")
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(send_in_own_connection, range(2)))


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_requests_at_once_the_second_waits_and_gets_the_first_answer(monkeypatch: pytest.MonkeyPatch):
    view = MeetingView(monkeypatch)
    responses = send_twice_at_once()
    assert view.entered == 1
    assert Message.objects.count() == 1
    assert [response.status_code for response in responses] == [201, 201]
    assert responses[0].content == responses[1].content
    assert sorted(response.headers.get("Idempotency-Replayed", "") for response in responses) == ["", "true"]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_control_without_the_claim_both_have_their_effect(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(answers, "claim", lambda **_: None)
    monkeypatch.setattr(answers, "keep", lambda **_: None)
    view = MeetingView(monkeypatch)
    send_twice_at_once()
    assert view.entered == 2
    assert Message.objects.count() == 2
