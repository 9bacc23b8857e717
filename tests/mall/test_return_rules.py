"""The arithmetic of refunds, without a database."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from mall.rules.refunds import ReturnPlan, SoldLine, plan_return


def line(line_id: int, quantity: int, paid_cents: int, points: int) -> SoldLine:
    return SoldLine(
        line_id=line_id,
        quantity=quantity,
        paid_cents=paid_cents,
        points_spent=points,
        refunded_quantity=0,
        refunded_cents=0,
        refunded_points=0,
    )


def plan(sold: list[SoldLine], returning: dict[int, int], *, was_shipped: bool = False) -> ReturnPlan:
    return plan_return(sold=sold, returning=returning, freight_cents=800, was_shipped=was_shipped)


def after(sold: list[SoldLine], done: ReturnPlan) -> list[SoldLine]:
    back = {part.line_id: part for part in done.lines}
    return [
        replace(
            old,
            refunded_quantity=old.refunded_quantity + back[old.line_id].quantity,
            refunded_cents=old.refunded_cents + back[old.line_id].cash_cents,
            refunded_points=old.refunded_points + back[old.line_id].points,
        )
        if old.line_id in back
        else old
        for old in sold
    ]


def test_three_units_for_ten_yuan_come_back_as_333_333_334() -> None:
    sold, parts = [line(1, 3, 1000, 100)], []
    for _ in range(3):
        done = plan(sold, {1: 1})
        parts.append((done.goods_cents, done.points))
        sold = after(sold, done)
    assert parts == [(333, 33), (333, 33), (334, 34)]


def test_freight_comes_back_only_when_all_goes_back_before_shipping() -> None:
    sold = [line(1, 1, 1000, 0), line(2, 1, 500, 0)]
    assert plan(sold, {1: 1}).freight_cents == 0
    assert plan(sold, {1: 1, 2: 1}).freight_cents == 800
    assert plan(sold, {1: 1, 2: 1}, was_shipped=True).freight_cents == 0
    assert plan(after(sold, plan(sold, {1: 1})), {2: 1}).freight_cents == 800


sold_lines = st.lists(
    st.tuples(st.integers(1, 20), st.integers(0, 10**7), st.integers(0, 10**6)), min_size=1, max_size=5
).map(lambda rows: [line(number, *row) for number, row in enumerate(rows, start=1)])


@given(sold_lines, st.data())
def test_any_sequence_of_returns_sums_exactly_to_the_whole(sold: list[SoldLine], data: st.DataObject) -> None:
    cash, points = sum(one.paid_cents for one in sold), sum(one.points_spent for one in sold)
    given_cash = given_points = freight = 0
    while any(one.returnable for one in sold):
        returning = {one.line_id: data.draw(st.integers(0, one.returnable)) for one in sold}
        if not any(returning.values()):
            returning = {one.line_id: one.returnable for one in sold}
        done = plan(sold, returning)
        assert all(part.cash_cents >= 0 and part.points >= 0 for part in done.lines)
        given_cash, given_points = given_cash + done.goods_cents, given_points + done.points
        freight += done.freight_cents
        sold = after(sold, done)
    assert (given_cash, given_points, freight) == (cash, points, 800)
