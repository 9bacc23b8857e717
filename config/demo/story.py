"""Plays the months before today: people register, check in, buy, redeem, return. The same story every time.

Until the shop opened online, some weeks ago, they bought at the counter: what its till holds is moved in at once. From
then on every step goes through the services that members' pages use.
"""

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from itertools import count

from campaigns.services import check_in
from config.core.db import edge_transaction
from config.core.errors import DomainError
from config.core.time import day_start, local_date
from config.demo.people import CARRIERS, REGIONS, SHOPPERS, TWINS, Shopper
from config.demo.plans import BUYERS, GIFTED, TRIERS
from config.demo.till import Till
from config.outbox.services import deliveries
from mall.models import OrderLine, Sku
from mall.selectors import checkout as checkout_pages
from mall.selectors.baskets import OutOfStock, Wanted
from mall.selectors.skus import SkuFacts, sku_facts
from mall.services import checkout, orders, payments, plan_orders, refunds, sandbox_cashier
from members.models import Interest, Member, Message, Plan
from members.rules.addresses import AddressForm
from members.rules.invitations import NO_TOUCH, Touch
from members.services import (
    addresses,
    consents,
    gift_cards,
    invitations,
    profiles,
    registration,
    shares,
    subscriptions,
)

_SEED = 20260601
_ORDERS_A_MONTH = 2.2
_FEWEST_YUAN = 60
_RETURNS = 0.1
_ONLINE_DAYS = 45  # a month and what it is compared with


@dataclass(frozen=True, kw_only=True)
class Shop:
    """What stands before the story begins."""

    skus: dict[int, SkuFacts]
    gift_codes: list[str]


def shop_of(*, gift_codes: list[str]) -> Shop:
    """The shop as `set_up` left it."""
    return Shop(skus=sku_facts(sku_ids=Sku.objects.values_list("pk", flat=True)), gift_codes=gift_codes)


@dataclass(slots=True)
class _Person:
    """A shopper once registered."""

    shopper: Shopper
    member_id: int
    address_id: int


def opened_at(*, now: datetime) -> datetime:
    """The shop's first day."""
    return day_start(local_date(now) - timedelta(days=180))


@dataclass(slots=True)
class Story:
    """Steps in the order of time; every step goes through the services that members' pages use."""

    now: datetime
    shop: Shop
    dice: random.Random = field(default_factory=lambda: random.Random(_SEED))  # noqa: S311
    people: dict[str, _Person] = field(default_factory=dict)
    numbers: "count[int]" = field(default_factory=count)
    agenda: list[tuple[datetime, int, Callable[[datetime], None]]] = field(default_factory=list)
    till: Till = field(init=False)

    def __post_init__(self) -> None:
        self.till = Till(skus=self.shop.skus)

    @property
    def online_at(self) -> datetime:
        """When the shop opened online."""
        return day_start(local_date(self.now) - timedelta(days=_ONLINE_DAYS))

    def tell(self, *, each_month: Callable[[datetime], None] = lambda at: None) -> int:
        """Play everything up to now, saying when a month begins; the number of steps."""
        self._later(self.online_at, self.move_the_till_in)
        for shopper in SHOPPERS:
            self._plan(shopper)
        for days_ago in range(6, 0, -1):
            self._later(self._moment(days_ago), partial(self.open_shared_page, SHOPPERS[0]))
        for number, shopper in enumerate(SHOPPERS[:3]):  # paid a while ago: the shop has something to ship
            self._later(self.now - timedelta(hours=2 + number), partial(self.buy, shopper))
        for twin in TWINS:
            self._later(self._moment(twin.joined_days_ago), partial(self.join, twin))
        played, day = 0, local_date(opened_at(now=self.now))
        while self.agenda:
            at, _, act = heapq.heappop(self.agenda)
            if local_date(at).month != day.month:
                each_month(at)
            if local_date(at) != day and at > self.online_at:
                self._end_day(day_start(local_date(at)))
            day = local_date(at)
            self._take(act, at)
            played += 1
        self._end_day(self.now)
        return played

    def _take(self, act: Callable[[datetime], None], at: datetime) -> None:
        """One step, and what it leads to: online, workers tell of it within seconds, so statements read in order."""
        act(at)
        if at > self.online_at:
            deliveries.deliver_all(at=self.now)

    def _end_day(self, at: datetime) -> None:
        """What the night does: reward invitations; members read what they were told."""
        with edge_transaction():
            invitations.reward_due(at=at)
        deliveries.deliver_all(at=self.now)
        if at < self.now - timedelta(days=3):
            Message.objects.filter(read_at=None).update(read_at=at)

    def move_the_till_in(self, at: datetime) -> None:
        """Open online: members see what they bought at the counter, and what it earned."""
        deliveries.deliver_all(at=self.now)
        self.till.move_in(members={phone: one.member_id for phone, one in self.people.items()}, at=self.now)

    def _later(self, at: datetime, act: Callable[[datetime], None]) -> None:
        """Note a step, unless it lies after now."""
        if at < self.now:
            heapq.heappush(self.agenda, (at, next(self.numbers), act))

    def _plan(self, shopper: Shopper) -> None:
        self._later(self._moment(shopper.joined_days_ago), partial(self.join, shopper))
        for days_ago in self._buying_days(shopper):
            self._later(self._moment(days_ago), partial(self.buy, shopper))
        for days_ago in range(min(shopper.joined_days_ago - 1, self.dice.choice([0, 2, 4, 7])), 0, -1):
            self._later(self._moment(days_ago), partial(self.check_in, shopper))
        if shopper.yuan_a_month > 400 and shopper.joined_days_ago > 40:
            self._later(self._moment(self.dice.randint(8, 30)), partial(self.redeem, shopper))
        for days_ago, code in BUYERS.get(shopper.nickname, ()):
            self._later(self._moment(days_ago), partial(self.buy_plan, shopper, code))
        if shopper.nickname in TRIERS:
            self._later(self._moment(2), partial(self.try_plan, shopper))
        if shopper.nickname in GIFTED:
            self._later(self._moment(8), partial(self.activate_card, shopper))

    def _buying_days(self, shopper: Shopper) -> list[int]:
        months = shopper.joined_days_ago / 30
        orders_wanted = round(months * (_ORDERS_A_MONTH if shopper.yuan_a_month >= 400 else 1))
        if not shopper.yuan_a_month:
            return []
        last = max(shopper.joined_days_ago - 1, 1)
        return [self.dice.randint(0, last) for _ in range(max(orders_wanted, 1))]

    def _moment(self, days_ago: int) -> datetime:
        day = day_start(local_date(self.now) - timedelta(days=days_ago))
        return day + timedelta(hours=self.dice.randint(9, 21), minutes=self.dice.randint(0, 59))

    def join(self, shopper: Shopper, at: datetime) -> None:
        """Register, fill the profile in, save an address."""
        code, street = self.dice.choice(REGIONS)
        with edge_transaction():
            registered = registration.register_by_phone(
                phone=shopper.phone,
                channel=Member.Channel.H5,
                at=at,
                nickname=shopper.nickname,
                touch=self._touch(shopper, at),
            )
            consents.agree(member_id=registered.member_id, version=1, channel="h5", at=at)
            profiles.save_profile(member_id=registered.member_id, change=self._profile(shopper, code), at=at)
            address_id = addresses.save_address(
                member_id=registered.member_id,
                form=AddressForm(
                    recipient=shopper.nickname,
                    phone=shopper.phone,
                    region_code=code,
                    detail=street.format(n=self.dice.randint(1, 900)),
                ),
                at=at,
            )
            Member.objects.filter(pk=registered.member_id).update(avatar=shopper.avatar)
        self.people[shopper.phone] = _Person(shopper, registered.member_id, address_id)

    def _touch(self, shopper: Shopper, at: datetime) -> Touch:
        """The link that led here, if any."""
        if not shopper.brought_by:
            return NO_TOUCH
        friend = next((one for one in self.people.values() if one.shopper.nickname == shopper.brought_by), None)
        touched_at = at - timedelta(minutes=20)
        if friend is None:
            return Touch(channel_code=shopper.brought_by, touched_at=touched_at)
        code = invitations.code_of(member_id=friend.member_id, at=touched_at)
        return Touch(invite_code=code, touched_at=touched_at, device=f"demo-{shopper.phone}")

    def _profile(self, shopper: Shopper, region_code: str) -> profiles.ProfileChange:
        year = self.dice.choice([1988, 1992, 1996, 2000])
        birthday = date(year, int(shopper.birthday[:2]), int(shopper.birthday[2:]))
        liked = list(Interest.objects.order_by("position", "pk").values_list("pk", flat=True))
        return profiles.ProfileChange(
            birthday=birthday.isoformat(), region_code=region_code, interests=sorted(self.dice.sample(liked, 2))
        )

    def check_in(self, shopper: Shopper, at: datetime) -> None:
        """Sign in for the day."""
        with edge_transaction():
            check_in.check_in(member_id=self.people[shopper.phone].member_id, at=at)

    def buy(self, shopper: Shopper, at: datetime) -> None:
        """Fill a basket to about what the shopper spends, order, and let days pass over it."""
        person = self.people[shopper.phone]
        per_order = shopper.yuan_a_month / (_ORDERS_A_MONTH if shopper.yuan_a_month >= 400 else 1)
        wanted = self._basket(max(per_order, _FEWEST_YUAN) * self.dice.uniform(0.7, 1.3))
        if at < self.online_at:
            self.till.sell(customer=shopper.phone, wanted=wanted, at=at)
            return
        points = self.dice.choice([0, 0, checkout_pages.MAX_POINTS])
        page = checkout_pages.checkout(member_id=person.member_id, lines=wanted, points=points, channel="h5", at=at)
        try:
            with edge_transaction():
                placed = checkout.place_order(
                    member_id=person.member_id,
                    lines=wanted,
                    address_id=person.address_id,
                    points=page.priced.points_spent,
                    channel="h5",
                    submit_key=f"demo-{next(self.numbers)}",
                    expected_payable_cents=page.priced.payable_cents,
                    at=at,
                )
        except OutOfStock:
            return
        self._carry_on(placed.order_id, placed.status, person, at)

    def redeem(self, shopper: Shopper, at: datetime) -> None:
        """Spend points on a reward that costs points alone, when there are enough."""
        person = self.people[shopper.phone]
        rewards = [s.id for s in self.shop.skus.values() if 0 < (s.redeem_points or 0) <= 1200]
        sku_id = self.dice.choice(sorted(pk for pk in rewards if not self.shop.skus[pk].redeem_cash_cents))
        lines = [Wanted(sku_id=sku_id, quantity=1)]
        try:
            page = checkout_pages.checkout(
                member_id=person.member_id, lines=lines, kind="redemption", channel="h5", at=at
            )
            with edge_transaction():
                placed = checkout.place_redemption(
                    member_id=person.member_id,
                    sku_id=sku_id,
                    quantity=1,
                    address_id=person.address_id,
                    channel="h5",
                    submit_key=f"demo-{next(self.numbers)}",
                    expected_points=page.priced.points_spent,
                    expected_payable_cents=page.priced.payable_cents,
                    at=at,
                )
        except DomainError:  # not enough points yet
            return
        self._carry_on(placed.order_id, placed.status, person, at)

    def buy_plan(self, shopper: Shopper, code: str, at: datetime) -> None:
        """Buy a paid membership for what it costs."""
        person, plan_id = self.people[shopper.phone], self._plan_id(code)
        with edge_transaction():
            quote = subscriptions.purchase_quote(member_id=person.member_id, plan_id=plan_id, is_upgrade=False, at=at)
            placed = plan_orders.place_plan_order(
                member_id=person.member_id,
                plan_id=plan_id,
                is_upgrade=False,
                channel="h5",
                submit_key=f"demo-{next(self.numbers)}",
                expected_payable_cents=quote.payable_cents,
                at=at,
            )
        self._pay(placed.order_id, person, at + timedelta(minutes=1))

    def try_plan(self, shopper: Shopper, at: datetime) -> None:
        """Begin the days that are free."""
        with edge_transaction():
            subscriptions.start_trial(
                member_id=self.people[shopper.phone].member_id, plan_id=self._plan_id("month"), at=at
            )

    def activate_card(self, shopper: Shopper, at: datetime) -> None:
        """Turn a gift card's code into paid time."""
        with edge_transaction():
            gift_cards.activate(member_id=self.people[shopper.phone].member_id, code=self.shop.gift_codes.pop(), at=at)

    def open_shared_page(self, sharer: Shopper, at: datetime) -> None:
        """Somebody opens what a member has shared."""
        visitor = shares.Visitor(device=f"demo-browser-{next(self.numbers)}", address=f"203.0.{at.day}.1")
        with edge_transaction():
            code = shares.link_to(member_id=self.people[sharer.phone].member_id, path="/", at=at)
            shares.open_link(code=code, visitor=visitor, at=at)

    def _plan_id(self, code: str) -> int:
        return Plan.objects.values_list("pk", flat=True).get(code=code)

    def _basket(self, yuan: float) -> list[Wanted]:
        skus = [facts for _, facts in sorted(self.shop.skus.items()) if facts.is_sellable and facts.admission.is_free]
        wanted: dict[int, int] = {}
        left = yuan * 100
        while left > 0 and len(wanted) < 10:
            sku = self.dice.choice([s for s in skus if left / 12 <= s.price_cents <= left * 1.4] or skus[:1])
            wanted[sku.id] = wanted.get(sku.id, 0) + 1
            left -= sku.price_cents
        return [Wanted(sku_id=pk, quantity=quantity) for pk, quantity in wanted.items()]

    def _carry_on(self, order_id: int, status: str, person: _Person, at: datetime) -> None:
        """Pay within minutes, ship the next day, receive three days later, seldom return a piece."""
        if status == "created":
            self._pay(order_id, person, at + timedelta(minutes=3))
        self._later(at + timedelta(hours=20), partial(self._ship, order_id))
        self._later(at + timedelta(days=3, hours=5), partial(self._receive, order_id, person))

    def _pay(self, order_id: int, person: _Person, at: datetime) -> None:
        with edge_transaction():
            start = payments.start_payment(order_id=order_id, member_id=person.member_id, provider="sandbox", at=at)
            payments.record_success(
                out_trade_no=start.out_trade_no,
                amount_cents=start.amount_cents,
                transaction_id=f"DEMO{start.payment_id:012d}",
                payer=sandbox_cashier.wallet_of(member_id=person.member_id),
                at=at,
            )

    def _ship(self, order_id: int, at: datetime) -> None:
        number = f"SF{self.dice.randint(10**11, 10**12)}"
        with edge_transaction():
            orders.mark_shipped(order_id=order_id, carrier=self.dice.choice(CARRIERS), tracking_no=number, at=at)

    def _receive(self, order_id: int, person: _Person, at: datetime) -> None:
        with edge_transaction():
            orders.confirm_receipt(order_id=order_id, member_id=person.member_id, at=at)
        if self.dice.random() < _RETURNS:
            self._later(at + timedelta(days=1), partial(self._return_one, order_id))

    def _return_one(self, order_id: int, at: datetime) -> None:
        line = OrderLine.objects.filter(order_id=order_id).order_by("pk")[0]
        with edge_transaction():
            refunds.refund(order_id=order_id, lines={line.pk: 1}, key="demo-return", reason="七天无理由退货", at=at)
