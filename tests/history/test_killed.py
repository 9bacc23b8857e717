"""Imports in processes of their own: killed at the worst moments, and the real file as a whole."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from config.embedded.places import ROOT
from config.outbox.models import Delivery
from config.outbox.services.deliveries import deliver_all
from mall.models import Order, Refund
from members.models import Member, Message
from points import ledger
from points.models import Account
from tests.history.books import balances, checksums, climbs, orders, refunds, run
from tests.history.files import plain_file

_TOLD_LATER = "members.tell_tier"  # a message to the member: the worker's, not the import's

pytestmark = pytest.mark.django_db(transaction=True)

REAL_FILE = ROOT.parent / "shared/data/online_retail.csv.gz"


def importer(path: Path, *options: str, die_at: str = "") -> "subprocess.Popen[str]":
    """The command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.history.importer", str(path), *options],
        cwd=ROOT,
        env={**os.environ, "HISTORY_TEST_DATABASE": connection.settings_dict["NAME"], "DIE_AT": die_at},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def killed_when_there_are(count: int, process: "subprocess.Popen[str]") -> None:
    """Kill the process from outside as soon as it has recorded so many orders, wherever it then is."""
    deadline = time.monotonic() + 60
    while Order.objects.filter(source="killed").count() < count:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.kill()


def assert_the_worker_has_only_news_left_and_the_past_is_none() -> None:
    """What the import leaves to the worker are moves on the ladder; once it has looked at them nobody was told."""
    waiting = Delivery.objects.exclude(state="delivered")
    assert set(waiting.values_list("handler", flat=True)) == {_TOLD_LATER}
    deliver_all(at=timezone.now(), fail_fast=True)
    assert not waiting.exists()
    assert not Message.objects.exists()


def test_killed_again_and_again_it_ends_where_an_undisturbed_one_ends(tmp_path: Path) -> None:
    path = plain_file(tmp_path, customers=12, steps=40)
    options = ("--source", "killed", "--rejects", str(tmp_path / "r.csv"))
    counts = []
    for die_at in ("settle:1", "settle:4", "giving:3", "returns:1", "giving:2", "settle:5", "outside:150", "returns:2"):
        process = importer(path, *options, die_at="" if "outside" in die_at else die_at)
        if die_at == "outside:150":
            killed_when_there_are(150, process)
        _, errors = process.communicate(timeout=120)
        assert process.returncode == -signal.SIGKILL, errors
        counts.append(Order.objects.filter(source="killed").count())
    assert counts == sorted(counts)
    assert counts[0] == 0
    assert 0 < counts[1] < counts[-1] < 384
    last = importer(path, *options)
    printed, errors = last.communicate(timeout=120)
    assert last.returncode == 0, errors
    run(path, "--rejects", str(tmp_path / "r.csv"), source="calm")

    assert balances("killed") == balances("calm")
    assert orders("killed") == orders("calm")
    assert refunds("killed") == refunds("calm")
    assert climbs("killed") == climbs("calm")
    assert (len(orders("killed")), len(refunds("killed"))) == (384, 96)
    assert f"已写入：会员订单 {384 - counts[-1]} " in printed
    assert_the_worker_has_only_news_left_and_the_past_is_none()
    assert ledger.audit() == []


@pytest.mark.prove
@pytest.mark.skipif(not REAL_FILE.exists(), reason=f"the real history is not at {REAL_FILE}")
def test_the_real_file_ties_to_the_cent(tmp_path: Path) -> None:
    options = ("--rejects", str(tmp_path / "rejects.csv"))
    process = importer(REAL_FILE, *options)
    printed, errors = process.communicate(timeout=1800)
    assert process.returncode == 0, errors
    sys.stdout.write(printed)
    for total in ("541,909 行 · 单据 25900 · 会员 4372", "净销售：397,884 行 · 8911407.90"):
        assert total in printed
    assert "退货行：完全对应 7,516 · 部分对应 54 · 无法对应 1,335" in printed
    peak = re.search(r"peak (\d+) KiB", printed)
    assert peak is not None
    assert int(peak[1]) <= 600 * 1024

    bought = Order.objects.filter(source="online-retail", member__isnull=False)
    assert (bought.count(), bought.aggregate(cents=Sum("payable_cents"))["cents"]) == (18532, 891140790)
    assert Order.objects.filter(source="online-retail", member__isnull=True).count() == 1427
    assert (Member.objects.count(), Refund.objects.count()) == (4372, 3848)
    assert_the_worker_has_only_news_left_and_the_past_is_none()
    assert ledger.audit() == []

    before = checksums()
    again = importer(REAL_FILE, *options)
    printed, errors = again.communicate(timeout=1800)
    assert again.returncode == 0, errors
    assert "已写入：会员订单 0 · 散客订单 0 · 退款 0" in printed
    assert checksums() == before


@pytest.mark.prove
@pytest.mark.skipif(not REAL_FILE.exists(), reason=f"the real history is not at {REAL_FILE}")
def test_by_the_base_rule_the_real_file_earns_every_invoices_whole_yuan(tmp_path: Path) -> None:
    process = importer(REAL_FILE, "--campaigns", "base", "--rejects", str(tmp_path / "rejects.csv"))
    _, errors = process.communicate(timeout=1800)
    assert process.returncode == 0, errors
    earned = {number: row for number, row in orders().items() if row[2] is not None}
    assert [row[3] for row in earned.values()] == [row[0] // 100 for row in earned.values()]
    taken = sum(points for _, points, _ in refunds().values())
    accounts = Account.objects.filter(asset="points").aggregate(left=Sum("spendable"), owed=Sum("arrears"))
    assert accounts["left"] - accounts["owed"] == sum(row[3] for row in earned.values()) - taken
    assert ledger.audit() == []
