"""A profile complete for the first time is answered once; who comes back gets no newcomer's reward."""

import pytest

from campaigns import handlers
from campaigns.models import Receipt
from members.events import MemberRegistered, ProfileCompleted
from tests.campaigns.rows import LONG_AGO, a_member, points_of, presets_installed

pytestmark = pytest.mark.django_db


def test_a_complete_profile_gets_30_points_once() -> None:
    presets_installed()
    member = a_member()
    for _ in range(2):
        handlers.give_for_profile(ProfileCompleted(member_id=member.pk, at=LONG_AGO))
    assert points_of(member, LONG_AGO) == 30
    receipt = Receipt.objects.get()
    assert (receipt.trigger, receipt.occurrence) == ("profile_completed", f"profile:{member.pk}")


def test_a_newcomer_is_welcomed_and_who_comes_back_is_not() -> None:
    presets_installed()
    newcomer, returning = a_member(), a_member()
    for member, is_returning in ((newcomer, False), (returning, True)):
        handlers.give_for_registration(
            MemberRegistered(member_id=member.pk, channel="h5", registered_at=LONG_AGO, is_returning=is_returning)
        )
    assert [points_of(member, LONG_AGO) for member in (newcomer, returning)] == [50, 0]
