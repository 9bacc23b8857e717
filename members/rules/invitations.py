"""Whose newcomer somebody is, why an invitation may not count, and its steps in words."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from config.core.policies import Policies

ALPHABET: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # nothing that is mistaken for something else
CODE_LENGTH: Final = 7
NETWORK_VISITS_PER_DAY: Final = 3
_INVITE_CODE = re.compile(rf"[{ALPHABET}]{{{CODE_LENGTH}}}")
_CHANNEL_CODE = re.compile(r"[-a-zA-Z0-9_]{1,32}")
_OWN_PATH = re.compile(r"/(?![/\\])[^\s\\#]*")
_LONGEST_PATH: Final = 200


@dataclass(frozen=True, kw_only=True)
class Touch:
    """What a browser or mini-program brings along: the link it opened first, and the device it runs on."""

    invite_code: str = ""
    channel_code: str = ""
    touched_at: datetime | None = None
    device: str = ""

    @property
    def is_by_link(self) -> bool:
        """Whether a link led here at all."""
        return bool(self.invite_code or self.channel_code)


NO_TOUCH: Final = Touch()


def clean_invite_code(text: str) -> str:
    """The code as it is stored, however it was typed; empty for what can't be one."""
    code = text.strip().upper()
    return code if _INVITE_CODE.fullmatch(code) else ""


def clean_channel_code(text: str) -> str:
    """The channel's code; empty for what can't be one."""
    return text if _CHANNEL_CODE.fullmatch(text) else ""


def is_own_path(path: str) -> bool:
    """Whether a shared link may lead there: a page of this shop."""
    return len(path) <= _LONGEST_PATH and _OWN_PATH.fullmatch(path) is not None


def is_fresh(*, touched_at: datetime | None, at: datetime, days: int) -> bool:
    """Whether a link that was opened then still counts; one from the future never does."""
    return touched_at is not None and touched_at <= at < touched_at + timedelta(days=days)


def first_touch(*, known: Touch, new: Touch, at: datetime, days: int) -> Touch:
    """The link that counts: the one known already while it is fresh, else the new one. The device stays."""
    if known.is_by_link and is_fresh(touched_at=known.touched_at, at=at, days=days):
        return known
    return Touch(
        invite_code=new.invite_code,
        channel_code=new.channel_code,
        touched_at=new.touched_at,
        device=known.device or new.device,
    )


@dataclass(frozen=True, kw_only=True)
class Newcomer:
    """What is known when somebody registers by an invitation. `device_members`: who else used the device."""

    inviter_id: int
    inviter_is_active: bool
    is_returning: bool
    device_members: Collection[int]
    counted_today: int
    counted_this_month: int


def refusal_of(newcomer: Newcomer, *, policies: Policies) -> str:
    """Why the invitation does not count; empty when it does. What is worst comes first."""
    reasons = {
        "inviter_inactive": not newcomer.inviter_is_active,
        "self": newcomer.inviter_id in newcomer.device_members,
        "same_device": bool(newcomer.device_members),
        "returning": newcomer.is_returning,
        "day_cap": newcomer.counted_today >= policies.invitations_per_day,
        "month_cap": newcomer.counted_this_month >= policies.invitations_per_month,
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def payment_refusal(*, inviter_id: int, payers: Collection[int]) -> str:
    """Why a first order does not count: its payment account is the inviter's, or another member's."""
    if inviter_id in payers:
        return "self"
    return "same_payment" if payers else ""


REFUSALS: Final[Mapping[str, str]] = {
    "self": "与邀请人是同一台设备或同一支付账户",
    "same_device": "这台设备上已有其他会员",
    "same_payment": "付款账户已属于其他会员",
    "returning": "好友以前注册过",
    "day_cap": "超过每天奖励人数",
    "month_cap": "超过每月奖励人数",
    "inviter_inactive": "邀请时账号不可用",
}


def masked(nickname: str) -> str:
    """A friend's name as the inviter sees it: 周**."""
    return f"{nickname[:1]}**"


def rule_sentences(policies: Policies) -> tuple[str, ...]:
    """The rules of inviting as a member reads them."""
    days = policies.invitation_return_days
    wait = f"首单完成满 {days} 天且未退款后" if days else "首单完成后"
    return (
        f"好友打开你的链接后 {policies.invitation_touch_days} 天内首次注册，才算你邀请的；先打开别人的，算别人的。",
        f"注册奖励先记为「待生效」，好友{wait}生效；首单奖励也在那时发放。",
        "首单退款的，对应奖励会按比例扣回；整单退款的，注册奖励一并扣回。",
        "同一设备、同一支付账户的注册，以及曾经注册过的好友，不计奖励。",
        f"每天最多奖励 {policies.invitations_per_day} 位好友，每月最多 {policies.invitations_per_month} 位。",
    )
