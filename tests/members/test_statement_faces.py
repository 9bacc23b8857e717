"""The statement as pages and as API: both faces show the same entries under each filter, and each entry opens."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from members.models import Member
from members.services import api_tokens
from points import ledger
from points.selectors.entries import entries
from tests.members.factories import a_member

pytestmark = pytest.mark.django_db

Face = Callable[[str], list[int]]


@pytest.fixture
def member() -> Member:
    return a_member(at=timezone.now() - timedelta(days=100))


@pytest.fixture
def ids(member: Member) -> dict[str, int]:
    """Entries by name: two earned, of which one lapsed; one spent, restored and clawed back."""
    account, at = member.points_account_id, timezone.now() - timedelta(days=30)
    day = timedelta(days=1)
    common = {"account": account, "source": "order:1"}
    lapsing = ledger.earn(points=9, key="lapsing", at=at, expires_at=at + 3 * day, **common)
    earned = ledger.earn(points=50, key="earned", at=at, expires_at=at + 90 * day, **common)
    ledger.expire(at=at + 4 * day, limit=10)
    (lapse,) = entries(account=account, direction="lapsed", before=None, limit=9)
    spent = ledger.spend(points=20, key="spent", at=at + 5 * day, **common)
    restored = ledger.reverse(entry=spent.id, key="restored", at=at + 6 * day, points=5)
    taken = ledger.reverse(entry=earned.id, key="taken", at=at + 7 * day, points=11)
    return {
        "lapsing": lapsing.id,
        "earned": earned.id,
        "lapse": lapse.id,
        "spent": spent.id,
        "restored": restored.id,
        "taken": taken.id,
    }


@pytest.fixture
def pages(client: Client, member: Member) -> Client:
    client.force_login(member.user)
    return client


@pytest.fixture
def api(member: Member) -> Callable[[str], dict[str, object]]:
    """Answers of the API to the member."""
    with transaction.atomic():
        token = api_tokens.issue(user_id=member.user_id, at=timezone.now())
    return lambda path: Client().get(f"/api/v1/points/{path}", headers={"authorization": f"Bearer {token.text}"}).json()


FILTERS = {
    "all": ["taken", "restored", "spent", "lapse", "earned", "lapsing"],
    "earned": ["restored", "earned", "lapsing"],
    "spent": ["taken", "spent"],
    "lapsed": ["lapse"],
}


@pytest.mark.parametrize("shown", FILTERS)
def test_each_filter_shows_the_same_entries_newest_first_on_the_page_and_by_api(ids, pages, api, shown) -> None:
    expected = [ids[name] for name in FILTERS[shown]]
    page = pages.get(f"/points/?type={shown}").content.decode()
    assert [int(pk) for pk in re.findall(r'href="/points/(\d+)/"', page)] == expected
    assert [item["id"] for item in api(f"entries/?direction={shown}")["items"]] == expected


def test_a_filter_is_paged_by_a_cursor_without_gap_or_repeat(ids, api) -> None:
    seen, cursor = [], ""
    for _ in range(3):
        page = api(f"entries/?direction=earned&limit=1&cursor={cursor}")
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert seen == [ids[name] for name in FILTERS["earned"]]
    assert cursor == ""


@pytest.mark.parametrize("name", FILTERS["all"])
def test_every_entry_opens_with_the_lots_it_made_or_touched_and_when_they_lapse(ids, pages, api, member, name) -> None:
    detail = api(f"entries/{ids[name]}/")
    lots, draws = detail["lots"], detail["draws"]
    made = {"lapsing": [9], "earned": [50]}.get(name, [])
    touched = {"lapse": [-9], "spent": [-20], "restored": [5], "taken": [-11]}.get(name, [])
    assert [lot["points"] for lot in lots] == made
    assert [draw["points"] for draw in draws] == touched
    assert all(row["expires_at"] for row in (*lots, *draws))
    page = pages.get(f"/points/{ids[name]}/").content.decode()
    assert len(re.findall(r"\d{4}-\d\d-\d\d (?:前有效|到期)</span>", page)) == len(lots) + len(draws) == 1
