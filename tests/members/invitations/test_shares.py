"""Shared links: what counts is a friend's visit, once per visitor and link."""

from typing import Any

import pytest
from django.db import transaction

from config.core.errors import InvalidInput, NotFound
from members.models import Member, ShareLink, ShareVisit
from members.rules.invitations import Touch
from members.services import shares
from members.services.shares import Opened, Visitor
from tests.members.factories import AT
from tests.members.invitations.scenes import DAY, code_of, somebody, told

pytestmark = pytest.mark.django_db


def link(member: Member, path: str = "/products/7/") -> str:
    with transaction.atomic():
        return shares.link_to(member_id=member.pk, path=path, at=AT)


def visit(code: str, device: str, *, network: int = 0, member: Member | None = None, at: Any = AT) -> Opened:
    with transaction.atomic():
        visitor = Visitor(device=device, address=f"203.0.{network}.7", member_id=member.pk if member else None)
        return shares.open_link(code=code, visitor=visitor, at=at)


def refusals() -> list[str]:
    return list(ShareVisit.objects.order_by("pk").values_list("refusal", flat=True))


def test_a_page_has_one_link_per_member_and_leads_there_with_the_sharers_code() -> None:
    member, other = somebody(), somebody()
    code = link(member)
    assert (link(member), link(other) != code, ShareLink.objects.count()) == (code, True, 2)
    assert visit(code, "phone-1") == Opened(path="/products/7/", invite_code=code_of(member))


def test_a_visitor_counts_once_per_link() -> None:
    member = somebody()
    first, second = link(member), link(member, "/")
    for code in (first, first, second):
        visit(code, "phone-1")
    visit(first, "phone-1", at=AT + DAY)
    assert [(fact["member_id"], fact["visited_at"]) for fact in told("ShareVisited")] == [(member.pk, AT)] * 2


def test_the_sharers_own_visits_never_count() -> None:
    member = somebody(touch=Touch(device="own-phone"))
    code = link(member)
    visit(code, "other-phone", member=member)
    visit(code, "own-phone")
    assert (refusals(), told("ShareVisited")) == (["own", "own"], [])


def test_one_network_counts_three_times_a_day() -> None:
    code = link(somebody())
    for number in range(4):
        visit(code, f"phone-{number}")
    visit(code, "phone-9", at=AT + DAY)
    assert refusals() == ["", "", "", "network_cap", ""]


def test_so_many_visits_count_a_day_for_all_links_of_a_member(settings: Any) -> None:
    settings.POLICIES = {"share_visits_per_day": 2}
    member = somebody()
    codes = [link(member), link(member, "/")]
    for number in range(3):
        visit(codes[number % 2], f"phone-{number}", network=number)
    assert refusals() == ["", "", "day_cap"]


def test_a_frozen_members_link_still_leads_there_and_counts_nothing() -> None:
    member = somebody()
    code = link(member)
    Member.objects.filter(pk=member.pk).update(status="frozen")
    assert visit(code, "phone-1").path == "/products/7/"
    assert refusals() == []


@pytest.mark.parametrize(
    "path", ["//evil.example", "https://evil.example", "/\\evil", "", "products", "/a b", "/" * 201]
)
def test_only_pages_of_the_shop_are_shared(path: str) -> None:
    member = somebody()
    with pytest.raises(InvalidInput):
        link(member, path)


def test_an_unknown_link_leads_nowhere() -> None:
    with pytest.raises(NotFound):
        visit("ZZZZZZZZ", "phone-1")
