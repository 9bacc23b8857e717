"""Page blocks about the member: tier card, assets, benefits, and the strip of the home page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rest_framework.serializers import Serializer

from config.core import blocks
from config.core.blocks import BlockKind, Placement, Values, Viewer
from config.core.db import Ask
from members.api import block_outputs
from members.h5.links import link_to
from members.rules.statement import last_day
from members.selectors.centre import Ladder, Profile, holdings_ask, holdings_in, profile
from members.selectors.periods import Held, held_ask
from members.selectors.statement import Assets
from members.values import avatar_url, tier_card_values

_SHOWN_BENEFITS = 4
_HELD = "members.holdings"
_PERIOD = "members.period"


@dataclass(frozen=True, kw_only=True)
class _Viewed:
    """Everything that the four kinds show of one viewer; loaded once per page."""

    who: Profile
    ladder: Ladder
    assets: Assets
    held: Callable[[], Held]  # asked for the tier card alone


def _of(viewer: Viewer) -> _Viewed | None:
    member_id = viewer.member_id
    return None if member_id is None else viewer.once("members.viewed", lambda: _load(viewer, member_id))


def _load(viewer: Viewer, member_id: int) -> _Viewed:
    who = _who(viewer, member_id)
    held = viewer.once(_HELD, holdings_ask(who=who, at=viewer.at).answer)
    ladder, assets = holdings_in(held, who=who, at=viewer.at)
    period = _period_ask(viewer, who)
    return _Viewed(who=who, ladder=ladder, assets=assets, held=lambda: viewer.once(_PERIOD, period.answer))


def _asks(viewer: Viewer) -> Mapping[str, Ask[Any]]:
    if viewer.member_id is None:
        return {}
    return {_HELD: holdings_ask(who=_who(viewer, viewer.member_id), at=viewer.at)}


def _asks_of_card(viewer: Viewer) -> Mapping[str, Ask[Any]]:
    if viewer.member_id is None:
        return {}
    return {**_asks(viewer), _PERIOD: _period_ask(viewer, _who(viewer, viewer.member_id))}


def _period_ask(viewer: Viewer, who: Profile) -> Ask[Held]:
    return held_ask(member_id=who.member_id, growth_account=who.growth_account, at=viewer.at)


def _who(viewer: Viewer, member_id: int) -> Profile:
    return viewer.once("members.profile", lambda: profile(member_id=member_id))


def _tier_card(seen: _Viewed | None) -> dict[str, Any] | None:
    if seen is None:
        return None
    return {
        "nickname": seen.who.nickname,
        "number": seen.who.number,
        "phone": seen.who.masked_phone,
        "avatar": seen.who.avatar,
        "avatar_url": avatar_url(seen.who.avatar),
        "profile_url": link_to("members:profile"),
        "benefits_url": link_to("members:benefits"),
        "card": tier_card_values(seen.ladder, seen.held()),
    }


def _assets(seen: _Viewed | None) -> dict[str, Any] | None:
    if seen is None:
        return None
    have = seen.assets
    return {
        "points": have.points,
        "growth": seen.ladder.growth,
        "lapsing_points": have.lapsing_points,
        "lapsing_day": last_day(have.lapsing_at) if have.lapsing_at else None,
        "held": have.held,
        "statement_url": link_to("members:statement"),
        "benefits_url": link_to("members:benefits"),
    }


def _benefits(seen: _Viewed | None) -> dict[str, Any] | None:
    if seen is None or not seen.ladder.current.benefits:
        return None
    own = [_perk(b.title, b.note, b.icon, is_locked=False) for b in seen.ladder.current.benefits]
    following = seen.ladder.next
    unlock = f"{following.rung.name}解锁" if following else ""
    locked = [_perk(b.title, unlock, b.icon, is_locked=True) for b in seen.ladder.gained_next]
    return {
        "tier_name": seen.ladder.current.rung.name,
        "count": len(own),
        "perks": (own + locked)[:_SHOWN_BENEFITS],
        "benefits_url": link_to("members:benefits"),
    }


def _member_strip(seen: _Viewed | None) -> dict[str, Any]:
    if seen is None:
        return {"is_guest": True, "login_url": link_to("members:login")}
    return {
        "is_guest": False,
        "points": seen.assets.points,
        "centre_url": link_to("mall:member-centre") or link_to("members:benefits"),
        "card": tier_card_values(seen.ladder),
    }


def _perk(title: str, subtitle: str, icon: str, *, is_locked: bool) -> dict[str, Any]:
    return {"title": title, "subtitle": subtitle, "icon": icon, "is_locked": is_locked}


def _kind(
    name: str,
    title: str,
    values: Callable[[_Viewed | None], dict[str, Any] | None],
    output: type[Serializer[Any]],
    *,
    is_alike: bool = False,
    asks: Callable[[Viewer], Mapping[str, Ask[Any]]] = _asks,
) -> BlockKind:
    def load(placements: Sequence[Placement], viewer: Viewer) -> Mapping[int, Values]:
        found = values(_of(viewer))
        return {} if found is None else {placement.id: found for placement in placements}

    return BlockKind(
        kind=name,
        title=title,
        template=f"h5/members/blocks/{name}.html",
        schema={"type": "object", "properties": {}, "additionalProperties": False},
        load=load,
        output=output,
        asks=asks,
        is_alike=is_alike,
    )


KINDS = (
    _kind("tier_card", "等级卡", _tier_card, block_outputs.TierCardOutput, asks=_asks_of_card),
    _kind("assets", "我的资产", _assets, block_outputs.AssetsOutput),
    _kind("benefits", "等级权益", _benefits, block_outputs.BenefitsOutput, is_alike=True),
    _kind("member_strip", "会员条", _member_strip, block_outputs.MemberStripOutput),
)


def register() -> None:
    """Make the four kinds known; called when the app starts."""
    for kind in KINDS:
        blocks.register(kind)
