"""Matches returned goods to what the same customer bought before: the latest purchase first."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from mall.rules.history.rows import Fault, Invoice, Line, Reject


@dataclass(slots=True)
class _Bought:
    """What is left to return of one purchased line."""

    invoice: str
    line: int
    quantity: int
    cents: int


class ReturnedLine(NamedTuple):
    """`quantity` pieces and `cents` of line number `line` of purchase `invoice` came back."""

    invoice: str
    line: int
    quantity: int
    cents: int


class Matcher:
    """Walks through history in order; remembers what customers could still return, of the goods that any note names."""

    def __init__(self, notes: Iterable[Invoice]) -> None:
        self._wanted = {(note.customer, line.code) for note in notes for line in note.lines}
        self._bought: dict[tuple[str, str], list[_Bought]] = defaultdict(list)
        self.rejects: list[Reject] = []
        self.full = self.partial = self.unmatched = 0

    def bought(self, invoice: Invoice) -> None:
        """Note a purchase."""
        for line in invoice.lines:
            key = (invoice.customer, line.code)
            if key in self._wanted:
                self._bought[key].append(_Bought(invoice.number, line.number, line.quantity, line.cents))

    def returned(self, note: Invoice) -> list[ReturnedLine]:
        """Where the goods of a credit note came from; what can't be matched becomes a reject."""
        parts: list[ReturnedLine] = []
        for line in note.lines:
            found = list(self._take(note.customer, line))
            self._judge(note, line, quantity=sum(p.quantity for p in found), cents=sum(p.cents for p in found))
            parts += found
        return parts

    def _take(self, customer: str, line: Line) -> Iterator[ReturnedLine]:
        stack = self._bought[customer, line.code]
        wanted, money = line.quantity, line.cents
        while wanted and stack:
            last = stack[-1]
            quantity = min(wanted, last.quantity)
            # the till's own refund, cut by quantity, but never more cash than the purchase has left
            cents = min(money * quantity // wanted, last.cents)
            last.quantity -= quantity
            last.cents -= cents
            wanted -= quantity
            money -= cents
            if not last.quantity:
                stack.pop()
            yield ReturnedLine(last.invoice, last.line, quantity, cents)

    def _judge(self, note: Invoice, line: Line, *, quantity: int, cents: int) -> None:
        fault: Fault | None = None
        if quantity == line.quantity:
            self.full += 1
            fault = Fault.TOO_MUCH_MONEY if cents < line.cents else None
        elif quantity:
            self.partial += 1
            fault = Fault.PARTLY_PURCHASED
        else:
            self.unmatched += 1
            fault = Fault.NO_PURCHASE
        if fault:
            self.rejects.append(Reject(line.number, note.number, fault))
