"""What is live is never rewritten: an edit closes one version and opens the next."""

from dataclasses import replace

import pytest

from campaigns.models import Campaign
from campaigns.presets import PRESETS
from campaigns.services.editing import CampaignValues, CodeTaken, TriggerIsFinal, pause, publish, save
from campaigns.services.presets import copy_of_preset, install_presets
from config.core.errors import InvalidInput, NotFound
from tests.campaigns.cases import THURSDAY, WEDNESDAY
from tests.campaigns.rows import LONG_AGO, a_campaign, versions_of

pytestmark = pytest.mark.django_db
VALUES = CampaignValues(
    code="double", name="双倍", trigger="order_completed", effects=[{"kind": "multiplier", "factor": "2"}]
)


def test_a_draft_has_no_version_until_it_is_published():
    campaign = Campaign.objects.get(pk=save(campaign_id=None, values=VALUES, at=WEDNESDAY))
    assert (campaign.status, versions_of(campaign)) == ("draft", [])
    publish(campaign_id=campaign.pk, at=WEDNESDAY)
    publish(campaign_id=campaign.pk, at=THURSDAY)
    assert versions_of(campaign) == [(1, WEDNESDAY, None)]


def test_an_edit_of_a_live_campaign_closes_a_version_and_opens_the_next_at_one_instant():
    campaign = a_campaign(code="double", effects=VALUES.effects)
    save(campaign_id=campaign.pk, values=replace(VALUES, name="新名"), at=WEDNESDAY)
    assert versions_of(campaign) == [(1, LONG_AGO, WEDNESDAY), (2, WEDNESDAY, None)]
    save(campaign_id=campaign.pk, values=replace(VALUES, name="新名"), at=THURSDAY)
    assert versions_of(campaign) == [(1, LONG_AGO, WEDNESDAY), (2, WEDNESDAY, None)]


def test_pausing_closes_the_version_and_publishing_opens_another():
    campaign = a_campaign()
    pause(campaign_id=campaign.pk, at=WEDNESDAY)
    pause(campaign_id=campaign.pk, at=THURSDAY)
    publish(campaign_id=campaign.pk, at=THURSDAY)
    assert versions_of(campaign) == [(1, LONG_AGO, WEDNESDAY), (2, THURSDAY, None)]


def test_an_edit_before_a_future_version_begins_leaves_that_version_no_time():
    campaign_id = save(campaign_id=None, values=VALUES, at=WEDNESDAY)
    publish(campaign_id=campaign_id, at=WEDNESDAY, live_from=THURSDAY)
    save(campaign_id=campaign_id, values=replace(VALUES, name="新名"), at=WEDNESDAY)
    campaign = Campaign.objects.get(pk=campaign_id)
    assert versions_of(campaign) == [(1, THURSDAY, THURSDAY), (2, THURSDAY, None)]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"effects": []}, "effects"),
        ({"effects": [{"kind": "money_off", "cents": 100}]}, "effects"),
        ({"conditions": [{"kind": "streak_multiple_of", "days": 7}]}, "conditions"),
        ({"name": ""}, "name"),
        ({"starts_at": THURSDAY, "ends_at": WEDNESDAY}, "ends_at"),
    ],
)
def test_values_that_make_no_campaign_are_refused_at_their_field(change, field):
    with pytest.raises(InvalidInput) as refusal:
        save(campaign_id=None, values=replace(VALUES, **change), at=WEDNESDAY)
    assert list(refusal.value.fields) == [field]
    assert Campaign.objects.count() == 0


def test_a_code_belongs_to_one_campaign():
    a_campaign(code="double")
    with pytest.raises(CodeTaken):
        save(campaign_id=None, values=VALUES, at=WEDNESDAY)


def test_a_published_campaign_keeps_its_trigger():
    campaign = a_campaign(code="double")
    values = replace(VALUES, trigger="birthday", effects=[{"kind": "fixed_points", "points": 1}])
    with pytest.raises(TriggerIsFinal):
        save(campaign_id=campaign.pk, values=values, at=WEDNESDAY)


def test_a_campaign_that_does_not_exist_is_not_found():
    with pytest.raises(NotFound):
        publish(campaign_id=404, at=WEDNESDAY)


def test_presets_are_installed_once_and_never_overwrite_the_merchants_own():
    assert len(install_presets(at=WEDNESDAY, live_from=LONG_AGO)) == len(PRESETS)
    base = Campaign.objects.get(code="base")
    assert versions_of(base) == [(1, LONG_AGO, None)]
    pause(campaign_id=base.pk, at=THURSDAY)
    assert install_presets(at=THURSDAY) == []
    assert Campaign.objects.get(code="base").status == "paused"


def test_a_copy_of_a_preset_is_a_draft_under_a_free_code():
    install_presets(at=WEDNESDAY)
    copies = [Campaign.objects.get(pk=copy_of_preset(preset="base", at=THURSDAY)) for _ in range(2)]
    assert [(copy.code, copy.name, copy.status) for copy in copies] == [
        ("base-2", "消费得积分", "draft"),
        ("base-3", "消费得积分", "draft"),
    ]
