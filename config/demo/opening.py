"""The demo shop on its first day: everything that stands before the first member comes in."""

from dataclasses import dataclass
from datetime import datetime

from campaigns.presets import PRESETS
from campaigns.services import presets
from config.core.db import transaction_required
from config.demo.channels import add_channels
from config.demo.member_goods import add_member_goods
from config.demo.notice import complete_notice
from config.demo.plans import add_plans, issue_gift_cards
from config.demo.shop import set_up
from config.demo.staff import add_colleagues
from config.demo.story import Shop, opened_at, shop_of
from config.demo_logins import DEMO_LOGINS
from members.models import Interest, User
from members.services import consents

_INTERESTS = ("茶与咖啡", "烘焙甜点", "时令鲜果", "护肤美妆", "数码家居", "户外运动", "花艺绿植")


@dataclass(frozen=True, kw_only=True)
class Opened:
    """The shop, and who runs it."""

    shop: Shop
    operator: User


@transaction_required
def open_shop(*, now: datetime) -> Opened:
    """Goods, plans, channels, colleagues, the privacy notice in force, and every ready-made campaign live."""
    at = opened_at(now=now)
    presets.install_presets(at=at, live_from=at, codes=PRESETS)
    set_up(opened_at=at)
    operator = User.objects.get(username=DEMO_LOGINS.staff_name)
    add_colleagues()
    consents.publish(notice_id=complete_notice(), at=at)
    Interest.objects.bulk_create(Interest(name=name, position=place) for place, name in enumerate(_INTERESTS, start=1))
    add_plans()
    add_member_goods(opened_at=at, now=now)
    add_channels(at=now)
    codes = issue_gift_cards(operator_id=operator.pk, at=now)
    return Opened(shop=shop_of(gift_codes=codes), operator=operator)
