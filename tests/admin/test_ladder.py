"""A ladder that staff change lifts whoever reaches the new rungs, chunk by chunk, and lowers nobody."""

from typing import Any

import pytest
from celery import current_app
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from members.models import Member, Tier, TierChange
from members.services.growth import post_growth
from members.tasks import reevaluate_tiers
from tests.mall.builders import a_buyer


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the tasks that were sent."""
    names: list[str] = []
    monkeypatch.setattr(current_app, "send_task", lambda name: names.append(name))
    return names


def save_tier(owner: Client, tier: Tier, **change: Any) -> None:
    form = {"name": tier.name, "code": tier.code, "rank": tier.rank, "threshold": tier.threshold, "_confirmed": "1"}
    inline = {"benefits-TOTAL_FORMS": "0", "benefits-INITIAL_FORMS": "0"}
    url = reverse("admin:members_tier_change", args=[tier.pk])
    assert owner.post(url, {**form, "color": tier.color, "art": tier.art, **inline, **change}).status_code == 302


def with_growth(points: int) -> Member:
    member, now = a_buyer(), timezone.now()
    with transaction.atomic():
        post_growth(
            member_id=member.pk, points=points, key=f"growth:{member.pk}", source="test", at=now, cause="order:1"
        )
    return member


@pytest.mark.django_db(transaction=True)
def test_a_lower_threshold_lifts_in_chunks_and_a_higher_one_lowers_nobody() -> None:
    with transaction.atomic():
        from members.services.defaults import ensure_defaults

        ensure_defaults()
    members = [with_growth(800) for _ in range(5)]
    Tier.objects.filter(code="silver").update(threshold=700)
    assert reevaluate_tiers(limit=2) == 5
    assert reevaluate_tiers(limit=2) == 0
    assert set(Member.objects.values_list("tier__code", flat=True)) == {"silver"}
    assert TierChange.objects.filter(cause="ladder").count() == len(members)
    Tier.objects.filter(code="silver").update(threshold=900)
    assert reevaluate_tiers(limit=2) == 0
    assert set(Member.objects.values_list("tier__code", flat=True)) == {"silver"}


def test_only_another_threshold_has_members_looked_at_again(
    owner: Client, sent: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    silver = Tier.objects.get(code="silver")
    with django_capture_on_commit_callbacks(execute=True):
        save_tier(owner, silver, name="银卡会员")
    assert sent == []
    silver.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        save_tier(owner, silver, threshold="700")
    assert sent == ["members.reevaluate_tiers"]


def test_a_broker_that_is_down_does_not_keep_the_tier_from_being_saved(
    owner: Client, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    def no_broker(name: str) -> None:
        raise ConnectionError

    monkeypatch.setattr(current_app, "send_task", no_broker)
    with django_capture_on_commit_callbacks(execute=True):
        save_tier(owner, Tier.objects.get(code="silver"), threshold="700")
    assert Tier.objects.get(code="silver").threshold == 700
