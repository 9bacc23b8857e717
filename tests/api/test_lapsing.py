"""When points lapse, for programs."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from members.models import Member
from points import ledger
from tests.api.conftest import Api

pytestmark = pytest.mark.django_db


def test_lapsing_points_are_listed_for_their_owner_alone(api: Api, strange_api: Api, member: Member) -> None:
    now = timezone.now()
    with transaction.atomic():
        ledger.earn(
            account=member.points_account_id,
            points=300,
            key="e",
            source="order:1",
            at=now,
            expires_at=now + timedelta(days=10),
        )
    answer = api.get("points/lapsing/").json()
    (moment,) = answer.pop("moments")
    assert answer == {"available": 300, "soon": 300, "lasting": 0, "later": 0, "pending": []}
    assert (moment["points"], moment["days_left"], moment["is_soon"]) == (300, 10, True)
    theirs = strange_api.get("points/lapsing/").json()
    assert (theirs["available"], theirs["moments"]) == (0, [])


def test_pending_points_are_listed_and_counted_apart(api: Api, member: Member) -> None:
    now = timezone.now()
    with transaction.atomic():
        ledger.earn(account=member.points_account_id, points=188, key="p", source="order:7", at=now, pending=True)
    (waiting,) = api.get("points/lapsing/").json()["pending"]
    assert (waiting["title"], waiting["points"]) == ("消费得积分", 188)
    points = api.get("me/").json()["points"]
    assert (points["available"], points["pending"]) == (0, 188)
    (row,) = api.get("points/entries/?direction=earned").json()["items"]
    assert (row["points"], row["pending"]) == (0, 188)
