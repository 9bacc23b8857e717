"""Every kind of discrepancy, planted one by one, is found, written down, told to the owner and to /metrics."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from config.core.db import fetch_all
from config.operations import noticeboard
from config.operations.tasks import audit_ledger
from members.models import User
from points import ledger
from points.admin.audits import WORDS
from points.models import Account, AuditRun, Entry, Seal
from points.services import auditing, sealing

from .conftest import T0, day, earn, hold, spend
from .plant import unguarded

pytestmark = pytest.mark.django_db


def seal_all(limit: int = 4) -> None:
    """Seal everything, as if no other transaction ran (this test's own would be in the way of a true mark)."""
    while sealing.seal_next(mark=sealing.Mark(upto=10**12, horizon="3"), at=day(2), limit=limit):
        pass


@pytest.fixture
def books() -> dict[str, int]:
    """A small ledger with everything in it; the ids that faults are planted at."""
    with transaction.atomic():
        return _books()


def _books() -> dict[str, int]:
    rich, debtor, old, new, gone = ledger.open_accounts(asset="points", count=5)
    earn(rich, 100, until=30)
    spent = spend(rich, 40)
    restored = ledger.reverse(entry=spent.id, key="r", at=day(2), points=10)
    hold(rich, 20)
    ledger.earn(account=rich, points=7, key="p", source="order:1", at=T0, pending=True)
    earned = earn(debtor, 25)
    spend(debtor, 25)
    ledger.reverse(entry=earned.id, key="r", at=day(2))
    earn(old, 11)
    ledger.merge(source=old, target=new, key="m", at=day(3))
    ledger.close_account(account=gone, at=day(3))
    empty = ledger.open_account(asset="points")
    seal_all()
    arrived = Entry.objects.get(kind="merge_in").id
    names = {"rich": rich, "debtor": debtor, "gone": gone, "empty": empty, "spent": spent.id}
    return {**names, "restored": restored.id, "arrived": arrived}


def audited() -> AuditRun:
    outcome = auditing.finish(run_id=auditing.begin(at=day(4)), at=day(4))
    return AuditRun.objects.get(pk=outcome.run_id)


PLANTED: dict[str, list[str]] = {
    "spendable_is_sum_of_entries": ["UPDATE points_account SET spendable = spendable + 1 WHERE id = {rich}"],
    "pending_is_sum_of_entries": ["UPDATE points_account SET pending = pending + 1 WHERE id = {rich}"],
    "held_is_sum_of_entries": ["UPDATE points_account SET held = held + 1 WHERE id = {rich}"],
    "arrears_is_sum_of_entries": ["UPDATE points_account SET arrears = arrears + 1 WHERE id = {debtor}"],
    "spendable_is_sum_of_lots": ["UPDATE points_lot SET remaining = 1 WHERE account_id = {rich} AND NOT pending"],
    "pending_is_sum_of_lots": ["UPDATE points_lot SET remaining = 1 WHERE account_id = {rich} AND pending"],
    "held_is_sum_of_open_holds": ["UPDATE points_hold SET points = points + 1"],
    "lot_remaining_is_sum_of_draws": ["UPDATE points_lot SET points = points + 1 WHERE account_id = {rich}"],
    "entry_is_sum_of_draws": ["DELETE FROM points_draw WHERE entry_id = {spent}"],
    "reversed_at_most_once": [
        "UPDATE points_entry SET points = points + 31, lapsed = lapsed + 31 WHERE id = {restored}"
    ],
    "spendable_after_is_running_sum": ["UPDATE points_entry SET spendable_after = 1 WHERE id = {restored}"],
    "closed_by_an_entry": ["UPDATE points_account SET closed_at = now() WHERE id = {empty}"],
    "nothing_moves_after_closing": [
        "INSERT INTO points_entry (account_id, kind, points, spendable, spendable_after, source, occurred_at)"
        " VALUES ({gone}, 'earn', 5, 5, 5, 'x', now())"
    ],
    "what_goes_out_comes_in": ["DELETE FROM points_entry WHERE id = {arrived}"],
    "entry_altered": ["UPDATE points_entry SET reason = 'x' WHERE id = {restored}"],
    "entry_deleted": ["DELETE FROM points_entry WHERE id = {spent}"],
    "entry_inserted": [
        "INSERT INTO points_entry (id, account_id, kind, points, spendable, spendable_after, source, occurred_at)"
        " VALUES (0, {rich}, 'earn', 5, 5, 5, 'x', now())"
    ],
    "seal_altered": ["UPDATE points_seal SET sealed_at = now()"],
    "seal_missing": ["DELETE FROM points_seal WHERE id = (SELECT min(id) FROM points_seal)"],
    "seal_cut_off": ["DELETE FROM points_seal WHERE id = (SELECT max(id) FROM points_seal)"],
    "entries_not_sealed": [
        "INSERT INTO points_entry"
        " (account_id, kind, points, spendable, spendable_after, source, occurred_at, recorded_at)"
        " VALUES ({rich}, 'earn', 5, 5, 5, 'x', now(), '2026-01-01')"
    ],
}


def test_a_ledger_that_holds_is_written_down_as_such(books):
    run = audited()
    assert (run.found, run.discrepancies) == (0, [])
    assert run.entries == run.sealed == Entry.objects.count()
    assert run.head == bytes(Seal.objects.latest("pk").hash).hex()
    assert run.ended_at is not None


@pytest.mark.parametrize("rule", PLANTED)
def test_a_planted_fault_is_found(books, rule):
    assert audited().found == 0
    for sql in PLANTED[rule]:
        unguarded(sql.format(**books))
    run = audited()
    assert rule in {one["rule"] for one in run.discrepancies}
    assert run.found == len(run.discrepancies)


def test_every_rule_that_the_audit_knows_was_planted_and_has_words():
    ((definition,),) = fetch_all("SELECT pg_get_functiondef('ledger_audit'::regproc)", {})
    of_sums = set(re.findall(r"'([a-z]+(?:_[a-z]+){2,})'", definition))
    assert len(of_sums) == 14
    assert of_sums < set(PLANTED)
    assert set(WORDS) == set(PLANTED)


@pytest.mark.django_db(transaction=True)
def test_the_task_keeps_the_result_and_tells_metrics(books):
    unguarded("UPDATE points_account SET held = held + 1 WHERE id = %s", books["rich"])
    audit_ledger()
    run = AuditRun.objects.get()
    assert {one["rule"] for one in run.discrepancies} == {"held_is_sum_of_entries", "held_is_sum_of_open_holds"}
    assert noticeboard.read("ledger-discrepancies") == 2


def test_many_faults_are_counted_and_the_first_kept(books):
    accounts = ledger.open_accounts(asset="points", count=150)
    unguarded("UPDATE points_account SET spendable = 1 WHERE id = ANY (%s)", accounts)
    run = audited()
    assert run.found == 300
    assert len(run.discrepancies) == 200


def test_every_difference_is_an_error_in_the_log(books, caplog):
    unguarded("UPDATE points_account SET arrears = arrears + 1 WHERE id = %s", books["debtor"])
    audited()
    told = [(r.levelname, r.message, r.rule, r.account) for r in caplog.records if hasattr(r, "rule")]
    assert told == [("ERROR", "the ledger does not hold", "arrears_is_sum_of_entries", books["debtor"])]


# ── the owner's dashboard ────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def owner() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("owner", password="owner-password-1"))
    return client


def test_the_dashboard_is_quiet_while_the_ledger_holds(books, owner):
    assert "mall-alarm" not in owner.get("/admin/").content.decode()
    audited()
    assert "mall-alarm" not in owner.get("/admin/").content.decode()


def test_a_difference_stands_in_red_on_the_dashboard_and_leads_to_the_audit(books, owner):
    unguarded("UPDATE points_account SET held = held + 1 WHERE id = %s", books["rich"])
    run = audited()
    page = owner.get("/admin/").content.decode()
    url = reverse("admin:points_auditrun_change", args=[run.pk])
    assert f'class="mall-alarm" href="{url}" role="alert"' in page
    assert "积分账本核对发现 2 处差异" in page
    detail = owner.get(url).content.decode()
    assert "冻结积分不等于流水之和" in detail
    assert f'<a href="{reverse("admin:points_account_change", args=[books["rich"]])}">{books["rich"]}</a>' in detail
    Account.objects.filter(pk=books["rich"]).update(held=20)
    audited()
    assert "mall-alarm" not in owner.get("/admin/").content.decode()


@pytest.mark.parametrize("rule", PLANTED)
def test_the_page_of_an_audit_names_each_kind_in_chinese(books, owner, rule):
    for sql in PLANTED[rule]:
        audited()
        unguarded(sql.format(**books))
    detail = owner.get(reverse("admin:points_auditrun_change", args=[audited().pk])).content.decode()
    assert WORDS[rule][0] in detail
    assert rule not in detail


def test_an_audit_that_never_ended_is_told_after_half_a_day(owner):
    run = auditing.begin(at=timezone.now() - timedelta(hours=11))
    assert "mall-alarm" not in owner.get("/admin/").content.decode()
    AuditRun.objects.filter(pk=run).update(started_at=timezone.now() - timedelta(hours=13))
    assert "积分账本核对没有做完" in owner.get("/admin/").content.decode()


def test_staff_without_the_right_see_no_alarm(books):
    unguarded("UPDATE points_account SET held = held + 1 WHERE id = %s", books["rich"])
    audited()
    client, user = Client(), User.objects.create_user("clerk", password="clerk-password-1", is_staff=True)
    client.force_login(user)
    assert "mall-alarm" not in client.get("/admin/").content.decode()
    user.user_permissions.add(Permission.objects.get(codename="view_auditrun"))
    assert "mall-alarm" in client.get("/admin/").content.decode()
