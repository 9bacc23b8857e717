"""Starts and ends are noticed once each, week after week, and earning doesn't wait for it."""

from datetime import timedelta

import pytest

from campaigns.models import Campaign
from campaigns.services.announcing import announce_starts_and_ends
from campaigns.services.editing import pause
from campaigns.services.granting import grant_for_order
from config.outbox.models import Message
from tests.campaigns.cases import THURSDAY, WEDNESDAY
from tests.campaigns.rows import a_campaign, a_member, an_order, points_of, presets_installed

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


def facts():
    rows = Message.objects.filter(event__startswith="campaigns.").order_by("pk")
    return [
        (event.removeprefix("campaigns."), payload["name_zh"])
        for event, payload in rows.values_list("event", "payload")
    ]


def test_a_wednesday_starts_and_ends_once_each_week():
    presets_installed("wednesday-double")
    name = "每周三会员日双倍积分"
    for at in (
        WEDNESDAY - timedelta(days=1),
        WEDNESDAY,
        WEDNESDAY + timedelta(hours=1),
        THURSDAY,
        THURSDAY + timedelta(1),
    ):
        announce_starts_and_ends(at=at)
    assert facts() == [("CampaignStarted", name), ("CampaignEnded", name)]
    announce_starts_and_ends(at=WEDNESDAY + WEEK)
    assert facts()[2:] == [("CampaignStarted", name)]


def test_a_worker_that_slept_from_wednesday_to_wednesday_ends_the_old_run_and_starts_the_new_one():
    presets_installed("wednesday-double")
    announce_starts_and_ends(at=WEDNESDAY)
    announce_starts_and_ends(at=WEDNESDAY + WEEK)
    assert [kind for kind, _ in facts()] == ["CampaignStarted", "CampaignEnded", "CampaignStarted"]


def test_the_fact_says_when_the_run_ends():
    presets_installed("wednesday-double")
    announce_starts_and_ends(at=WEDNESDAY)
    payload = Message.objects.get(event="campaigns.CampaignStarted").payload
    assert (payload["starts_at"], payload["ends_at"]) == ("2026-11-18T00:00:00+08:00", "2026-11-19T00:00:00+08:00")


def test_what_always_runs_is_never_announced():
    presets_installed("base", "check-in")
    assert announce_starts_and_ends(at=WEDNESDAY) == 0
    assert facts() == []


def test_a_paused_campaign_ends():
    campaign = a_campaign(conditions=[{"kind": "weekday_in", "weekdays": [3]}])
    announce_starts_and_ends(at=WEDNESDAY)
    pause(campaign_id=campaign.pk, at=WEDNESDAY + timedelta(hours=1))
    announce_starts_and_ends(at=WEDNESDAY + timedelta(hours=2))
    assert [kind for kind, _ in facts()] == ["CampaignStarted", "CampaignEnded"]
    assert Campaign.objects.get(pk=campaign.pk).announced == "ended"


def test_a_double_day_earns_double_although_nobody_announced_it():
    presets_installed("base", "wednesday-double")
    member = a_member()
    order = an_order(member, cents=10000, paid_at=WEDNESDAY)
    grant_for_order(order_id=order.pk, at=WEDNESDAY)
    assert (points_of(member, WEDNESDAY), facts()) == (200, [])
