"""What a returned quantity brings back: shares by cumulative floor, so that parts sum exactly to the whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from config.core.money import proportional_part


@dataclass(frozen=True, kw_only=True)
class SoldLine:
    """An order line and what of it came back already."""

    line_id: int
    quantity: int
    paid_cents: int
    points_spent: int
    refunded_quantity: int
    refunded_cents: int
    refunded_points: int

    @property
    def returnable(self) -> int:
        """Units that have not come back yet."""
        return self.quantity - self.refunded_quantity


@dataclass(frozen=True, kw_only=True)
class ReturnedLine:
    """What comes back of one line now."""

    line_id: int
    quantity: int
    cash_cents: int
    points: int


@dataclass(frozen=True, kw_only=True)
class ReturnPlan:
    """What one refund gives back. `whole_order`: nothing of the order is left with the buyer afterwards."""

    lines: tuple[ReturnedLine, ...]
    freight_cents: int
    whole_order: bool

    @property
    def goods_cents(self) -> int:
        return sum(line.cash_cents for line in self.lines)

    @property
    def cash_cents(self) -> int:
        return self.goods_cents + self.freight_cents

    @property
    def points(self) -> int:
        return sum(line.points for line in self.lines)


def plan_return(
    *, sold: Sequence[SoldLine], returning: Mapping[int, int], freight_cents: int, was_shipped: bool
) -> ReturnPlan:
    """Cash and points of the returned units. Freight comes back when the whole order does and nothing had shipped."""
    lines = tuple(_returned(line, returning[line.line_id]) for line in sold if returning.get(line.line_id))
    whole = all(line.returnable == returning.get(line.line_id, 0) for line in sold)
    return ReturnPlan(lines=lines, freight_cents=freight_cents if whole and not was_shipped else 0, whole_order=whole)


def _returned(line: SoldLine, quantity: int) -> ReturnedLine:
    back = line.refunded_quantity + quantity
    return ReturnedLine(
        line_id=line.line_id,
        quantity=quantity,
        cash_cents=proportional_part(line.paid_cents, back, line.quantity) - line.refunded_cents,
        points=proportional_part(line.points_spent, back, line.quantity) - line.refunded_points,
    )
