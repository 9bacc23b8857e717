"""Putting ready-made campaigns into the shop."""

from collections.abc import Collection
from datetime import datetime

from campaigns.models import Campaign
from campaigns.presets import DRAFTS, PRESETS
from campaigns.services.editing import CampaignValues, publish, save
from config.core.db import transaction_required
from config.core.errors import NotFound


@transaction_required
def install_presets(
    *, at: datetime, live_from: datetime | None = None, codes: Collection[str] | None = None
) -> list[int]:
    """Create and publish the presets (all, or those of `codes`) that the shop doesn't have; the new campaigns' ids.

    Of all, some stay drafts until the merchant wants them; what `codes` names is published. A campaign whose code is
    there already is left as the merchant made it.
    """
    missing = set(PRESETS) if codes is None else set(codes)
    missing -= set(Campaign.objects.filter(code__in=missing).values_list("code", flat=True))
    created = {code: draft_from_preset(preset=code, code=code, at=at) for code in PRESETS if code in missing}
    for code, campaign_id in created.items():
        if codes is not None or code not in DRAFTS:
            publish(campaign_id=campaign_id, at=at, live_from=live_from)
    return list(created.values())


@transaction_required
def draft_from_preset(*, preset: str, code: str, at: datetime) -> int:
    """A draft with the preset's content under the given code. Raises NotFound, CodeTaken."""
    if preset not in PRESETS:
        raise NotFound()
    content = {**PRESETS[preset], "code": code}
    return save(campaign_id=None, values=CampaignValues(**content), at=at)


@transaction_required
def copy_of_preset(*, preset: str, at: datetime) -> int:
    """A draft from the preset under the first free code: base, base-2, base-3…"""
    taken = set(Campaign.objects.filter(code__startswith=preset).values_list("code", flat=True))
    code, number = preset, 1
    while code in taken:
        number += 1
        code = f"{preset}-{number}"
    return draft_from_preset(preset=preset, code=code, at=at)
