"""What an earlier run of an import began with: a later run goes on in the same way."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count

from config.core.errors import DomainError
from mall.models import Order
from mall.rules.history.calendar import shanghai
from mall.rules.history.rows import History, Invoice


class OtherFile(DomainError):
    """Orders of that source were imported from a file that said something else. Facts: source, invoice."""

    code = "other_file"
    message = (
        "来源 {source} 此前导入的单据 {invoice} 与这份文件不符：请用原来的文件（或它的新版本），"
        "另一家店的文件请用 --source 另取来源名"
    )


class OtherOptions(DomainError):
    """An import goes on with the options that it began with. Facts: option, began, wanted."""

    code = "other_options"
    message = "此前的导入用的是 {option} {began}，不能改为 {wanted}"


@dataclass(frozen=True, kw_only=True)
class Started:
    """The options of an import that has begun."""

    weeks: int
    campaigns: str

    def check(self, *, weeks: int | None, campaigns: str | None) -> None:
        """Raise OtherOptions when something else is asked for; None asks for nothing."""
        if weeks not in (None, self.weeks):
            raise OtherOptions(option="--shift", began=self.weeks, wanted=weeks)
        if campaigns not in (None, self.campaigns):
            raise OtherOptions(option="--campaigns", began=self.campaigns, wanted=campaigns)


def mark(*, weeks: int, campaigns: str) -> dict[str, Any]:
    """What every imported order carries in `judged_as`."""
    return {"imported": {"weeks": weeks, "campaigns": campaigns}}


def started(*, source: str, history: History) -> Started | None:
    """What the import of that source began with; None when nothing was imported yet. Raises OtherFile."""
    orders = Order.objects.filter(source=source).exclude(external_ref="").order_by("pk")
    first = orders.values_list("judged_as__imported", flat=True).first()
    if first is None:
        return None
    found = Started(weeks=first["weeks"], campaigns=first["campaigns"])
    rows = orders.annotate(count=Count("lines")).values_list("external_ref", "created_at", "goods_cents", "count")
    _check_same(rows, source=source, history=history, weeks=found.weeks)
    return found


def _check_same(rows: Iterable[tuple[str, datetime, int, int]], *, source: str, history: History, weeks: int) -> None:
    invoices = {invoice.number: invoice for invoice in history.invoices if not invoice.is_return}
    for number, at, cents, lines in rows:
        invoice = invoices.get(number)
        if invoice is None or (at, cents, lines) != _fingerprint(invoice, weeks):
            raise OtherFile(source=source, invoice=number)


def _fingerprint(invoice: Invoice, weeks: int) -> tuple[datetime, int, int]:
    return shanghai(invoice.at, weeks=weeks), invoice.cents, len(invoice.lines)
