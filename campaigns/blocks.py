"""Page blocks of campaigns: the check-in week, and what runs now."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from campaigns.api.block_outputs import CampaignNoticesOutput, CheckInWeekOutput
from campaigns.h5.weeks import week_values
from campaigns.selectors.check_ins import week_ask, week_in
from campaigns.selectors.notices import Notice, running
from config.core import blocks
from config.core.blocks import BlockKind, Placement, Values, Viewer
from config.core.db import Ask
from config.core.fragments import alike
from config.core.time import day_bounds, local_date
from mall.selectors.viewers import who_looks

_MOST: Final = 3
_CHECKED_IN: Final = "campaigns.check_ins"
_ICONS: Final[Mapping[str, str]] = {
    "basket": "discount",
    "redemption_basket": "gift",
    "order_completed": "coins",
    "member_registered": "user-plus",
    "profile_completed": "user",
    "checked_in": "calendar-check",
    "birthday": "cake",
    "invitee_registered": "user-plus",
    "invitee_first_order": "users",
    "share_visited": "share-3",
    "segment_entered": "gift",
}


def register_blocks() -> None:
    """Make this room's kinds known; called once, from its AppConfig.ready()."""
    blocks.register(CHECK_IN_WEEK)
    blocks.register(CAMPAIGN_NOTICES)


def _load_week(placements: Sequence[Placement], viewer: Viewer) -> Mapping[int, Values]:
    """Nothing for visitors."""
    if viewer.member_id is None:
        return {}
    found = viewer.once(_CHECKED_IN, week_ask(member_id=viewer.member_id, at=viewer.at).answer)
    tier_code = who_looks(viewer=viewer).tier_code
    values = week_values(week_in(found, tier_code=tier_code or "", at=viewer.at))
    strip = alike("h5/campaigns/_week.html", {"week": values})
    return {placement.id: values | {"strip": strip} for placement in placements}


def _ask_week(viewer: Viewer) -> Mapping[str, Ask[Any]]:
    return {} if viewer.member_id is None else {_CHECKED_IN: week_ask(member_id=viewer.member_id, at=viewer.at)}


def _load_notices(placements: Sequence[Placement], viewer: Viewer) -> Mapping[int, Values]:
    most = max(placement.config.get("limit", _MOST) for placement in placements)
    found = running(at=viewer.at, limit=most, for_member=viewer.member_id is not None)
    notices = [_notice_values(notice, viewer) for notice in found]
    if not notices:
        return {}
    return {
        placement.id: {
            "title": placement.config.get("title") or "正在进行的活动",
            "notices": notices[: placement.config.get("limit", _MOST)],
        }
        for placement in placements
    }


def _notice_values(notice: Notice, viewer: Viewer) -> dict[str, Any]:
    ends_today = notice.ends_at is not None and notice.ends_at <= day_bounds(local_date(viewer.at))[1]
    return {
        "name": notice.name,
        "text": notice.text,
        "icon": _ICONS[notice.trigger],
        "tag": "今日有效" if ends_today else "进行中" if notice.is_timed else "",
    }


CHECK_IN_WEEK = BlockKind(
    kind="check_in_week",
    title="签到",
    template="h5/campaigns/blocks/check_in_week.html",
    schema={"type": "object", "properties": {}, "additionalProperties": False},
    load=_load_week,
    asks=_ask_week,
    output=CheckInWeekOutput,
)
CAMPAIGN_NOTICES = BlockKind(
    kind="campaign_notices",
    title="活动提醒",
    template="h5/campaigns/blocks/campaign_notices.html",
    schema={
        "type": "object",
        "properties": {
            "title": {"type": "string", "title": "标题"},
            "limit": {"type": "integer", "minimum": 1, "maximum": 10, "title": "最多显示几条"},
        },
        "additionalProperties": False,
    },
    load=_load_notices,
    output=CampaignNoticesOutput,
    audience=lambda viewer: viewer.member_id is not None,
)
