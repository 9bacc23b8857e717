"""Short ways to write campaigns and occurrences in tests."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Any

from campaigns.presets import PRESETS
from campaigns.rules.context import Context, LiveCampaign
from campaigns.rules.definitions import parse
from config.core.time import SHANGHAI

WEDNESDAY = datetime(2026, 11, 18, 12, 0, tzinfo=SHANGHAI)
THURSDAY = datetime(2026, 11, 19, 12, 0, tzinfo=SHANGHAI)
WEDNESDAY_15TH = datetime(2026, 7, 15, 12, 0, tzinfo=SHANGHAI)
TIER_NAMES = {"silver": "白银会员", "gold": "黄金会员", "diamond": "钻石会员"}
_ids: Iterator[int] = count(1)


def definition(**fields: Any) -> dict[str, Any]:
    """A campaign's JSON with plausible defaults."""
    return {
        "code": "test",
        "name": "测试活动",
        "description": "",
        "trigger": "order_completed",
        "conditions": [],
        "effects": [{"kind": "points_per_yuan", "points": 1}],
        "stacking": "best",
        "starts_at": None,
        "ends_at": None,
        "position": 0,
        **fields,
    }


def live(name: str = "测试活动", **fields: Any) -> LiveCampaign:
    """A campaign as the engine takes it."""
    number = next(_ids)
    return LiveCampaign(campaign_id=number, version_id=number, definition=parse(definition(name=name, **fields)))


def presets(trigger: str) -> list[LiveCampaign]:
    """All presets of that trigger; ids follow the order of the list, from 1."""
    chosen = [dict(preset) for preset in PRESETS.values() if preset["trigger"] == trigger]
    return [
        LiveCampaign(campaign_id=number, version_id=100 + number, definition=parse(preset))
        for number, preset in enumerate(chosen, start=1)
    ]


def order(cents: int, at: datetime = THURSDAY, **fields: Any) -> Context:
    """A paid order of a silver member without a multiplier."""
    base = Context(
        at=at, amount_cents=cents, tier_code="silver", tier_name="白银会员", channel="h5", tier_names=TIER_NAMES
    )
    return replace(base, **fields)


def gold(cents: int, at: datetime) -> Context:
    """A gold member's order: points × 1.5."""
    return order(cents, at, tier_code="gold", tier_name="黄金会员", points_multiplier=Decimal("1.5"))


def moment(at: datetime = THURSDAY, **fields: Any) -> Context:
    """An occurrence without an amount."""
    return replace(Context(at=at, tier_code="silver", tier_name="白银会员", tier_names=TIER_NAMES), **fields)


def multiplier(factor: str) -> list[dict[str, Any]]:
    return [{"kind": "multiplier", "factor": factor}]


def fixed(points: int) -> list[dict[str, Any]]:
    return [{"kind": "fixed_points", "points": points}]
