"""Who looks at a page, asked once for all of it."""

from datetime import datetime
from typing import Final

from django.http import HttpRequest

from config.core.blocks import Viewer
from mall.h5.channel import CHANNEL
from mall.selectors.carts import cart_count_ask
from mall.selectors.viewers import Buyer, buyer_on_pages
from members.h5.session import current_member
from members.selectors.centre import profile_of

CART_UNITS: Final = "mall.cart_units"


def buyer_of(request: HttpRequest) -> Buyer:
    """The viewer as a buyer, to be shown prices."""
    return buyer_on_pages(member=current_member(request))


def viewer_of(request: HttpRequest, *, at: datetime) -> Viewer:
    """The viewer of a page of blocks; what the session knows of the member is not asked again."""
    member = current_member(request)
    if member is None:
        return Viewer(member_id=None, channel=CHANNEL, at=at)
    viewer = Viewer(member_id=member.member_id, channel=CHANNEL, at=at)
    viewer.once("mall.buyer", lambda: buyer_on_pages(member=member))  # what who_looks finds
    viewer.once("members.profile", lambda: profile_of(member=member))
    request._viewer = viewer  # type: ignore[attr-defined]
    return viewer


def cart_units(request: HttpRequest) -> int:
    """How much is in the viewer's cart; a page of blocks has asked it with its own questions."""
    member = current_member(request)
    if member is None:
        return 0
    ask = cart_count_ask(member_id=member.member_id)
    viewer: Viewer | None = getattr(request, "_viewer", None)
    return ask.answer() if viewer is None else viewer.once(CART_UNITS, ask.answer)
