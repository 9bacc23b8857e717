"""Cuts a history into waves: wave k holds every customer's k-th step, so that within a wave no two touch one member."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from mall.rules.history.returns import Matcher, ReturnedLine
from mall.rules.history.rows import Invoice


@dataclass(slots=True)
class Wave:
    """Purchases, and credit notes with where their goods came from."""

    purchases: list[Invoice] = field(default_factory=list)
    returns: list[tuple[Invoice, list[ReturnedLine]]] = field(default_factory=list)

    @property
    def is_walk_in(self) -> bool:
        """Whether nobody known bought here."""
        return bool(self.purchases) and not self.purchases[0].customer

    def __len__(self) -> int:
        return len(self.purchases) + len(self.returns)


def waves(*, invoices: Sequence[Invoice], matcher: Matcher, size: int) -> list[Wave]:
    """All steps in waves of at most `size`; a customer's steps keep their order.

    Purchases without a customer depend on nothing and follow at the end. Credit notes that match nothing are left out.
    """
    by_rank: dict[int, Wave] = defaultdict(Wave)
    steps: dict[str, int] = defaultdict(int)
    walk_ins = Wave()
    for invoice in invoices:
        if not invoice.customer:
            walk_ins.purchases.append(invoice)
            continue
        wave = by_rank[steps[invoice.customer]]
        if not invoice.is_return:
            matcher.bought(invoice)
            wave.purchases.append(invoice)
        elif parts := matcher.returned(invoice):
            wave.returns.append((invoice, parts))
        else:
            continue
        steps[invoice.customer] += 1
    ordered = [by_rank[rank] for rank in sorted(by_rank)]
    return [part for wave in [*ordered, walk_ins] for part in _parts(wave, size)]


def _parts(wave: Wave, size: int) -> Iterator[Wave]:
    for start in range(0, len(wave.purchases), size):
        yield Wave(purchases=wave.purchases[start : start + size])
    for start in range(0, len(wave.returns), size):
        yield Wave(returns=wave.returns[start : start + size])
