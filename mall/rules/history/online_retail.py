"""Reads the "Online Retail" layout (UCI data set 352; Chen, Sain and Guo, 2012; CC BY 4.0)."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple

from mall.rules.history.rows import BadFile, Counts, Fault, History, Invoice, Line, Reject

COLUMNS = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]
_LONGEST_TEXT = 24  # of a number or code: they become parts of our own codes
_MOST_PIECES = 10**9
_MOST_CENTS = 10**12
_WHOLE = Decimal(1)


class _Amounts(NamedTuple):
    quantity: int
    at: datetime
    unit_cents: int
    cents: int
    price: Decimal


def read(text: Iterable[str]) -> History:
    """The file's history. Raises BadFile when it is no such file; bad lines become rejects."""
    rows = csv.reader(text)
    reader = _Reader()
    try:
        _check_header(next(rows, []))
        for row in rows:
            reader.take(rows.line_num, row)
    except csv.Error as error:
        raise BadFile(f"第 {rows.line_num} 行附近无法按 CSV 解析，请检查引号是否成对") from error
    history = reader.history()
    if not history.invoices:
        raise BadFile("文件里没有可导入的订单")
    return history


def _check_header(header: Sequence[str]) -> None:
    names = [name.strip() for name in header]
    if not any(names):
        raise BadFile("文件是空的，第一行应为列名")
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise BadFile(f"文件缺少这些列：{'、'.join(missing)}")
    if names != COLUMNS:
        raise BadFile(f"列名和顺序应为：{'、'.join(COLUMNS)}")


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
        """Keep the line, or its reject."""
        if not any(row):
            return  # a blank line says nothing
        self.counts.rows += 1
        if len(row) != len(COLUMNS):
            self.rejects.append(Reject(number, row[0][:_LONGEST_TEXT], Fault.COLUMNS))
            return
        invoice_no, code, customer = self._one(row[0]), self._one(row[1]), self._one(row[6])
        amounts = _amounts(row[3], row[4], row[5])
        fault = _unusable(invoice_no, code, customer) or _fault(amounts, invoice_no, customer)
        self._count(invoice_no, customer, amounts)
        if fault is None and amounts is not None:
            fault = self._keep(invoice_no, customer, code, number, amounts)
        if fault is not None:
            self.rejects.append(Reject(number, invoice_no[:_LONGEST_TEXT], fault))
        elif name := row[2].strip():
            self.names[code][self._one(name)] += 1

    def _count(self, invoice_no: str, customer: str, amounts: _Amounts | None) -> None:
        """Whatever is said of a line, it names an invoice and a customer; one too odd to be either names nobody."""
        if 0 < len(invoice_no) <= _LONGEST_TEXT:
            self.numbers.add(invoice_no)
        if amounts and 0 < len(customer) <= _LONGEST_TEXT:
            self.customers[customer] = min(amounts.at, self.customers.get(customer, amounts.at))

    def _keep(self, invoice_no: str, customer: str, code: str, number: int, amounts: _Amounts) -> Fault | None:
        invoice = self.invoices.get(invoice_no)
        if invoice is None:
            invoice = Invoice(invoice_no, customer, amounts.at, is_return=invoice_no.startswith("C"))
            self.invoices[invoice_no] = invoice
        if invoice.customer != customer:
            return Fault.OTHER_CUSTOMER
        invoice.at = min(invoice.at, amounts.at)
        invoice.lines.append(Line(number, code, abs(amounts.quantity), amounts.unit_cents, abs(amounts.cents)))
        if customer and not invoice.is_return:
            self.counts.clean_lines += 1
            self.counts.clean_cents += amounts.cents
        return None

    def _one(self, text: str) -> str:
        text = text.strip().replace("\0", "")
        return self.texts.setdefault(text, text)

    def history(self) -> History:
        """What was collected."""
        self.counts.invoices = len(self.numbers)
        self.counts.customers = len(self.customers)
        invoices = sorted(self.invoices.values(), key=lambda invoice: (invoice.at, invoice.lines[0].number))
        codes = {line.code for invoice in invoices for line in invoice.lines}
        names = {code: self.names[code].most_common(1)[0][0] if self.names[code] else code for code in codes}
        return History(invoices, names, self.customers, self.rejects, self.counts)


def _amounts(quantity: str, at: str, price: str) -> _Amounts | None:
    """The line's numbers; None when one of them is none."""
    try:
        pieces, moment, (unit, unit_cents) = int(quantity), _moment(at), _price(price)
        return _Amounts(pieces, moment, unit_cents, _cents(pieces * unit), unit)
    except (ValueError, ArithmeticError):
        return None


@lru_cache(maxsize=4096)
def _moment(text: str) -> datetime:
    at = datetime.fromisoformat(text.strip())
    if at.tzinfo is not None:
        raise ValueError("a till writes its wall clock")
    return at


@lru_cache(maxsize=4096)
def _price(text: str) -> tuple[Decimal, int]:
    price = Decimal(text.strip())
    if not price.is_finite():
        raise InvalidOperation(text)
    return price, _cents(price)


def _cents(amount: Decimal) -> int:
    return int((amount * 100).quantize(_WHOLE, rounding=ROUND_HALF_UP))


def _unusable(invoice_no: str, code: str, customer: str) -> Fault | None:
    if not invoice_no or not code:
        return Fault.NO_CODE
    if max(len(invoice_no), len(code), len(customer)) > _LONGEST_TEXT:
        return Fault.TOO_LONG
    return None


def _fault(amounts: _Amounts | None, invoice_no: str, customer: str) -> Fault | None:
    """Why the line is no sale and no return, or None."""
    if amounts is None:
        return Fault.NOT_A_NUMBER
    if invoice_no.startswith("A"):
        return Fault.BAD_DEBT
    if amounts.price < 0:
        return Fault.NEGATIVE_PRICE
    if abs(amounts.quantity) > _MOST_PIECES or abs(amounts.cents) > _MOST_CENTS or amounts.unit_cents > _MOST_CENTS:
        return Fault.TOO_LARGE
    if invoice_no.startswith("C"):
        return _fault_of_return(amounts, customer)
    if amounts.quantity <= 0:
        return Fault.NEGATIVE_QUANTITY
    return None if amounts.price > 0 else Fault.ZERO_PRICE


def _fault_of_return(amounts: _Amounts, customer: str) -> Fault | None:
    if amounts.quantity >= 0:
        return Fault.POSITIVE_RETURN
    return None if customer else Fault.WALK_IN_RETURN
