from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from config.outbox.events import Event
from tests.outbox.facts import Item, ParcelLost, ParcelMoved, ParcelPacked

PACKED = ParcelPacked(
    parcel_id=88,
    label="易碎",
    is_fragile=True,
    packed_at=datetime(2026, 11, 11, 12, 30, tzinfo=UTC),
    promised_on=date(2026, 11, 13),
    weight=Decimal("1.250"),
    items=(Item(sku_id=1, cents=9900), Item(sku_id=2, cents=1)),
)


def test_a_fact_survives_the_trip_through_json():
    assert ParcelPacked.from_payload(PACKED.to_payload()) == PACKED


def test_a_payload_is_plain_json():
    assert PACKED.to_payload() == {
        "parcel_id": 88,
        "label": "易碎",
        "is_fragile": True,
        "packed_at": "2026-11-11T12:30:00+00:00",
        "promised_on": "2026-11-13",
        "weight": "1.250",
        "items": [{"sku_id": 1, "cents": 9900}, {"sku_id": 2, "cents": 1}],
        "note": None,
    }


def test_a_name_is_room_and_class_unless_the_class_states_another():
    assert (ParcelMoved.name, ParcelPacked.name) == ("tests.ParcelMoved", "depot.ParcelPacked")


def test_a_stream_is_the_subject_and_its_id():
    assert ParcelMoved(parcel_id=88, stop=1).stream == "parcel:88"


def test_a_fact_may_state_its_own_stream():
    @dataclass(frozen=True, kw_only=True)
    class StockCounted(Event):
        sku_id: int
        store_id: int

        @property
        def stream(self) -> str:
            return f"stock:{self.sku_id}:{self.store_id}"

    assert StockCounted(sku_id=3, store_id=1).stream == "stock:3:1"


def test_a_fact_without_subject_or_stream_is_a_programming_error():
    @dataclass(frozen=True, kw_only=True)
    class Homeless(Event):
        thing_id: int

    with pytest.raises(NotImplementedError, match="neither a subject nor a stream"):
        _ = Homeless(thing_id=1).stream


def test_a_naive_time_is_refused():
    with pytest.raises(ValueError, match="aware times only"):
        replace(PACKED, packed_at=datetime(2026, 11, 11)).to_payload()  # noqa: DTZ001


@pytest.mark.parametrize("value", [object(), 1.5, {"a": 1}, [1], b"x"])
def test_what_is_no_primitive_is_refused(value: Any):
    with pytest.raises(TypeError, match="ids and primitives"):
        replace(PACKED, label=value).to_payload()


@pytest.mark.parametrize("payload", [{}, {"parcel_id": "88"}, {"parcel_id": 88, "unknown": 1}, {"parcel_id": None}])
def test_a_payload_that_does_not_fit_the_class_is_refused(payload: dict[str, Any]):
    with pytest.raises(TypeError):
        ParcelLost.from_payload(payload)


def test_a_field_with_a_default_may_be_missing_in_an_old_payload():
    payload = PACKED.to_payload()
    del payload["note"]
    assert ParcelPacked.from_payload(payload) == PACKED
