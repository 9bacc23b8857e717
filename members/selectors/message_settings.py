"""What a member has chosen about messages, in words."""

from dataclasses import dataclass
from typing import Final

from config.core import policies
from members.models import MessageEmail, Purpose, Way
from members.selectors.message_reach import preferences

_PURPOSES: Final = {
    Purpose.SERVICE: ("服务通知", "订单、积分、等级和会员卡的变动"),
    Purpose.MARKETING: ("活动优惠", "促销、新品和会员日；没有打开的渠道不会收到"),
}
_WAYS: Final = {
    Way.SMS: ("短信", "发到绑定的手机号"),
    Way.EMAIL: ("邮件", "发到下面确认过的邮箱"),
    Way.WECHAT_SUBSCRIBE: ("小程序订阅消息", "每次在小程序里同意，可以收到一条"),
    Way.WECHAT_OFFICIAL: ("公众号消息", "关注公众号后可以收到"),
}


@dataclass(frozen=True, kw_only=True)
class Switch:
    """One way for one purpose."""

    way: str
    purpose: str
    name: str
    note: str
    is_on: bool


@dataclass(frozen=True, kw_only=True)
class Switches:
    """The ways for one purpose."""

    purpose: str
    name: str
    note: str
    switches: tuple[Switch, ...]


@dataclass(frozen=True, kw_only=True)
class MessageSettings:
    """All choices; `email` is masked; quiet hours are equal when there are none."""

    groups: tuple[Switches, ...]
    email: str
    email_is_confirmed: bool
    quiet_from_hour: int
    quiet_until_hour: int


def message_settings(*, member_id: int) -> MessageSettings:
    """What the member chose, and when the shop keeps quiet. Three queries."""
    chosen, now = preferences(member_id=member_id), policies.current()
    email = MessageEmail.objects.filter(member=member_id).first()
    return MessageSettings(
        groups=tuple(
            Switches(
                purpose=purpose,
                name=name,
                note=note,
                switches=tuple(
                    Switch(way=way, purpose=purpose, name=title, note=hint, is_on=chosen[way, purpose])
                    for way, (title, hint) in _WAYS.items()
                ),
            )
            for purpose, (name, note) in _PURPOSES.items()
        ),
        email=masked_email(email.address) if email else "",
        email_is_confirmed=bool(email and email.confirmed_at),
        quiet_from_hour=now.quiet_from_hour,
        quiet_until_hour=now.quiet_until_hour,
    )


def masked_email(address: str) -> str:
    """s***n@example.com for shan@example.com."""
    name, _, host = address.rpartition("@")
    return f"{name[:1]}***{name[-1:] if len(name) > 2 else ''}@{host}"
