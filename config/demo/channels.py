"""Where the demo's members come from: channels, what they cost, and who passed by."""

from datetime import date, datetime, timedelta

from config.core.crypto import blind_index
from config.core.time import local_date
from members.models import Channel, ChannelCost, ChannelVisit

_CHANNELS = (
    ("xiaohongshu-shan", "小红书 · 山野推荐", Channel.Kind.KOL, 46, 280_000),
    ("hangzhou-store", "滨江门店台卡", Channel.Kind.STORE, 31, 6_000),
    ("metro-poster", "地铁灯箱", Channel.Kind.ADVERT, 18, 450_000),
)
_DAYS = 100


def add_channels(*, at: datetime) -> None:
    """Channels with their costs and visits up to `at`."""
    today = local_date(at)
    for code, name, kind, visits, cost_cents in _CHANNELS:
        channel = Channel.objects.create(code=code, name=name, kind=kind)
        ChannelCost.objects.bulk_create(
            ChannelCost(channel=channel, day=today - timedelta(days=days), cost_cents=cost_cents // 2, note="投放费用")
            for days in (_DAYS, 20)
        )
        ChannelVisit.objects.bulk_create(_visits(channel, visits, today))


def _visits(channel: Channel, number: int, today: date) -> list[ChannelVisit]:
    """Browsers, one each on days spread over the time since the costs."""
    return [
        ChannelVisit(
            channel=channel,
            visitor_index=blind_index(f"demo-{channel.code}-{one}", purpose="visitor"),
            day=today - timedelta(days=one * 37 % _DAYS),
        )
        for one in range(number)
    ]
