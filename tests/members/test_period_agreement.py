"""The set-based job and the pure rules say the same of members made at random; a kill in between loses nothing."""

import signal
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest
from django.db import connection, transaction
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.core.time import SHANGHAI
from members.models import Member, Tier, TierChange, TierPeriod
from members.rules.periods import Qualification, Way, decided_on_since, due_before, period_end
from members.rules.tiers import Rung, at_period_end
from members.selectors.tiers import ladder
from members.services.growth import post_growth
from members.services.periods import decide_next
from points import ledger
from tests.members.factories import AT, a_member

NOW = datetime(2028, 3, 1, 2, tzinfo=SHANGHAI)


class Case(NamedTuple):
    """A member: place in the ladder, how many days ago the period began and its length, what was earned when."""

    tier: int
    began: int
    length: int
    earned: list[tuple[int, int]]


CASES = st.lists(
    st.builds(
        Case,
        tier=st.integers(0, 3),
        began=st.integers(300, 800),
        length=st.integers(1, 500),
        earned=st.lists(st.tuples(st.integers(0, 900), st.integers(1, 9000)), max_size=4),
    ),
    min_size=1,
    max_size=4,
)
WAYS = st.builds(
    Way,
    qualification=st.sampled_from(Qualification),
    months=st.sampled_from([0, 1, 6, 12, 24]),
    grace_days=st.sampled_from([0, 10]),
)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cases=CASES, way=WAYS, kept_from=st.sampled_from([None, 500, 3000]))
def test_the_job_decides_as_the_rules_do(cases: list[Case], way: Way, kept_from: int | None) -> None:
    policies = {
        "tier_qualification": way.qualification.value,
        "growth_window_months": way.months,
        "tier_grace_days": way.grace_days,
    }
    with transaction.atomic(), override_settings(POLICIES=policies):
        Tier.objects.filter(code="gold").update(retention_threshold=kept_from)
        rungs = ladder()
        periods = [_made(number, case, rungs) for number, case in enumerate(cases)]
        wanted = {
            period.member_id: _expected(period, case, way, rungs) for period, case in zip(periods, cases, strict=True)
        }
        while decide_next(at=NOW, limit=2).decided:
            pass
        assert {member: _found(member) for member in wanted} == wanted
        transaction.set_rollback(True)


def _made(number: int, case: Case, rungs: list[Rung]) -> TierPeriod:
    member = a_member(phone=f"138{number:08d}")
    for place, (days, points) in enumerate(case.earned):
        at = NOW - timedelta(days=days)
        ledger.earn(account=member.growth_account_id, points=points, key=f"{place}", source="x", at=at)
    Member.objects.filter(pk=member.pk).update(tier=rungs[case.tier].id)
    starts_at = NOW - timedelta(days=case.began, hours=2)
    return TierPeriod.objects.create(
        member=member,
        tier_id=rungs[case.tier].id,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(days=case.length),
    )


def _expected(period: TierPeriod, case: Case, way: Way, rungs: list[Rung]) -> tuple[str, list[str], datetime | None]:
    """Tier, outcomes and the end of the open period, played by hand."""
    rung, starts_at, ends_at, outcomes = rungs[case.tier], period.starts_at, period.ends_at, []
    while not way.is_for_life and ends_at is not None and ends_at <= due_before(at=NOW, way=way):
        since = decided_on_since(ends_at=ends_at, way=way)
        assert since is not None
        counts_from = min(since, starts_at)
        growth = sum(points for days, points in case.earned if NOW - timedelta(days=days) > counts_from)
        after = at_period_end(current=rung, growth=growth, ladder=rungs)
        outcomes.append("kept" if after == rung else "lowered")
        rung = after
        starts_at, ends_at = ends_at, None if rung == rungs[0] else period_end(starts_at=ends_at, way=way)
    return rung.code, outcomes, ends_at


def _found(member_id: int) -> tuple[str, list[str], datetime | None]:
    rows = TierPeriod.objects.filter(member=member_id).order_by("starts_at")
    lowered = TierChange.objects.filter(member=member_id, cause="period", period__isnull=False).count()
    outcomes = [row.outcome for row in rows if row.outcome]
    assert outcomes.count("lowered") == lowered
    open_ends = [row.ends_at for row in rows if not row.outcome]
    assert len(open_ends) <= 1
    return Member.objects.get(pk=member_id).tier.code, outcomes, open_ends[0] if open_ends else None


def _with_periods_over(count: int) -> None:
    for number in range(count):
        member = a_member(phone=f"139{number:08d}")
        with transaction.atomic():
            post_growth(member_id=member.pk, points=20000, key="g", source="x", at=AT, cause="x")


_JOB = """
import sys, time
from datetime import datetime
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[2]
django.setup()
from config.core.db import edge_transaction
from members.services.periods import decide_next
at = datetime.fromisoformat(sys.argv[1])
while True:
    with edge_transaction():
        done = decide_next(at=at, limit=2).decided
        print("in", flush=True)
        time.sleep(0.4)
    print("out", flush=True)
    if not done:
        break
"""


@pytest.mark.django_db(transaction=True)
def test_a_killed_run_is_finished_by_the_next_with_one_step_each() -> None:
    _with_periods_over(6)
    at = AT + timedelta(days=400)
    job = subprocess.Popen(
        [sys.executable, "-c", _JOB, at.isoformat(), connection.settings_dict["NAME"]],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert job.stdout is not None
    assert [job.stdout.readline().strip() for _ in range(3)] == ["in", "out", "in"]
    job.send_signal(signal.SIGKILL)
    job.wait()
    assert TierChange.objects.filter(cause="period").count() == 2
    _run_until_done(at)
    assert set(Member.objects.values_list("tier__code", flat=True)) == {"gold"}
    assert TierChange.objects.filter(cause="period").count() == 6


def _run_until_done(at: datetime) -> None:
    for _ in range(50):
        with transaction.atomic():
            if not decide_next(at=at, limit=2).decided:
                return


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_make_one_step_each() -> None:
    _with_periods_over(8)
    at = AT + timedelta(days=400)

    def run() -> None:
        try:
            _run_until_done(at)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _run_until_done(at)
    assert set(Member.objects.values_list("tier__code", flat=True)) == {"gold"}
    assert TierChange.objects.filter(cause="period").count() == 8
    assert TierPeriod.objects.filter(outcome="lowered").count() == 8
