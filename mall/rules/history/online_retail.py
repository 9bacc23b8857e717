"""Reads the "Online Retail" layout (UCI data set 352; Chen, Sain and Guo, 2012; CC BY 4.0)."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from mall.rules.history.rows import BadFile, Counts, Fault, History, Invoice, Line, Reject

COLUMNS = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]
_CENT = Decimal(1)


def read(text: Iterable[str]) -> History:
    """The file's history. Raises BadFile for a missing column; bad lines become rejects."""
    rows = csv.reader(text)
    _check_header(next(rows, []))
    reader = _Reader()
    for row in rows:
        reader.take(rows.line_num, row)
    return reader.history()


def _check_header(header: Sequence[str]) -> None:
    names = [name.strip().lstrip("\ufeff") for name in header]
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise BadFile(f"文件缺少这些列：{'、'.join(missing)}")
    if names[: len(COLUMNS)] != COLUMNS:
        raise BadFile(f"列的顺序应为：{'、'.join(COLUMNS)}")


def _cents(amount: Decimal) -> int:
    return int((amount * 100).quantize(_CENT, rounding=ROUND_HALF_UP))


class _Reader:
    """Collects invoices line by line, keeping one copy of every repeated text."""

    def __init__(self) -> None:
        self.invoices: dict[str, Invoice] = {}
        self.customers: dict[str, datetime] = {}
        self.texts: dict[str, str] = {}
        self.names: dict[str, Counter[str]] = defaultdict(Counter)
        self.rejects: list[Reject] = []
        self.counts = Counts()
        self.numbers: set[str] = set()

    def take(self, number: int, row: list[str]) -> None:
        self.counts.rows += 1
        if len(row) != len(COLUMNS):
            self.rejects.append(Reject(number, row[0] if row else "", Fault.COLUMNS))
            return
        invoice_no, code, name = row[0].strip(), row[1].strip(), row[2].strip()
        self.numbers.add(invoice_no)
        try:
            quantity, at, price = int(row[3]), datetime.fromisoformat(row[4].strip()), Decimal(row[5].strip())
            total = _cents(quantity * price)
        except (ValueError, InvalidOperation):
            self.rejects.append(Reject(number, invoice_no, Fault.NOT_A_NUMBER))
            return
        customer = self._one(row[6].strip())
        if customer:
            self.customers[customer] = min(at, self.customers.get(customer, at))
        fault = _fault(invoice_no, customer, quantity, price)
        if fault:
            self.rejects.append(Reject(number, invoice_no, fault))
            return
        if name:
            self.names[self._one(code)][self._one(name)] += 1
        self._keep(invoice_no, customer, at, Line(number, self._one(code), abs(quantity), _cents(price), abs(total)))

    def _keep(self, invoice_no: str, customer: str, at: datetime, line: Line) -> None:
        invoice = self.invoices.get(invoice_no)
        if invoice is None:
            invoice = Invoice(invoice_no, customer, at, is_return=invoice_no.startswith("C"))
            self.invoices[invoice_no] = invoice
        invoice.lines.append(line)
        if customer and not invoice.is_return:
            self.counts.clean_lines += 1
            self.counts.clean_cents += line.cents

    def _one(self, text: str) -> str:
        return self.texts.setdefault(text, text)

    def history(self) -> History:
        self.counts.invoices = len(self.numbers)
        self.counts.customers = len(self.customers)
        invoices = sorted(self.invoices.values(), key=lambda invoice: (invoice.at, invoice.lines[0].number))
        codes = {line.code for invoice in invoices for line in invoice.lines}
        names = {code: self.names[code].most_common(1)[0][0] if self.names[code] else code for code in codes}
        return History(invoices, names, self.customers, self.rejects, self.counts)


def _fault(invoice_no: str, customer: str, quantity: int, price: Decimal) -> Fault | None:
    """Why the line is no sale and no return, or None."""
    if invoice_no.startswith("A"):
        return Fault.BAD_DEBT
    if price < 0:
        return Fault.NEGATIVE_PRICE
    if invoice_no.startswith("C"):
        if quantity >= 0:
            return Fault.POSITIVE_RETURN
        return None if customer else Fault.WALK_IN_RETURN
    if quantity <= 0:
        return Fault.NEGATIVE_QUANTITY
    return None if price > 0 else Fault.ZERO_PRICE
