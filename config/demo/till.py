"""What the counter's till had sold before the shop opened online: recorded set-based, as a till's history is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.timezone import localtime

from config.core.db import edge_transaction
from config.outbox import publishing as outbox
from config.outbox.services import deliveries
from mall.events import HistoryRecorded
from mall.rules.history.returns import Matcher
from mall.rules.history.rows import Invoice, Line
from mall.rules.history.waves import waves
from mall.selectors.baskets import Wanted
from mall.selectors.skus import SkuFacts
from mall.selectors.stores import default_store_id
from mall.services.history.catalogue import KnownSku
from mall.services.history.purchases import Books, record_purchases

SOURCE = "demo-till"


@dataclass(slots=True)
class Till:
    """Invoices in the order of time, until they are moved into the shop."""

    skus: Mapping[int, SkuFacts]
    invoices: list[Invoice] = field(default_factory=list)

    def sell(self, *, customer: str, wanted: Sequence[Wanted], at: datetime) -> None:
        """Ring up what somebody takes along."""
        number = f"T{len(self.invoices) + 1:06d}"
        lines = [self._line(row, one) for row, one in enumerate(wanted, start=1)]
        moment = localtime(at).replace(tzinfo=None)
        self.invoices.append(Invoice(number=number, customer=customer, at=moment, is_return=False, lines=lines))

    def move_in(self, *, members: Mapping[str, int], at: datetime) -> None:
        """Record everything, wave after wave: each is judged by the tiers that the one before led to."""
        books = Books(
            source=SOURCE,
            weeks=0,
            campaigns="presets",
            store_id=default_store_id(),
            members=members,
            skus={facts.code: _known(facts) for facts in self.skus.values()},
        )
        for wave in waves(invoices=self.invoices, matcher=Matcher(iter(())), size=1000):
            with edge_transaction():
                orders = record_purchases(invoices=wave.purchases, books=books)
                outbox.publish(
                    HistoryRecorded(
                        source_id=SOURCE,
                        campaigns=books.campaigns,
                        order_ids=tuple(orders),
                        refund_ids=(),
                        recorded_at=at,
                    )
                )
            deliveries.deliver_all(at=at)

    def _line(self, row: int, one: Wanted) -> Line:
        facts = self.skus[one.sku_id]
        return Line(row, facts.code, one.quantity, facts.price_cents, facts.price_cents * one.quantity)


def _known(facts: SkuFacts) -> KnownSku:
    return KnownSku(facts.id, facts.product_name, facts.label, facts.image)
