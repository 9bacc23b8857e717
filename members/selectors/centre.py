"""What the member centre shows of a member, as plain values."""

from dataclasses import dataclass
from datetime import datetime

from config.core.crypto import EncryptedTextField
from config.core.db import Ask
from config.core.errors import NotFound
from members.models import Member
from members.rules import phones
from members.rules.benefits import Terms
from members.rules.tiers import Progress, progress
from members.selectors.growth import balance_with_growth, qualifying_growth
from members.selectors.sessions import SignedIn, signed_in
from members.selectors.statement import Assets, assets, assets_in
from members.selectors.tiers import TierRow, tiers
from points.ledger import Balance


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Who the member is, for their own eyes."""

    member_id: int
    number: str
    nickname: str
    avatar: str
    masked_phone: str
    birthday: str
    points_account: int
    growth_account: int
    tier_id: int


@dataclass(frozen=True, kw_only=True)
class Ladder:
    """All tiers, where the member stands among them, and the growth that counts."""

    tiers: tuple[TierRow, ...]
    current: TierRow
    next: TierRow | None
    growth: int
    progress: Progress

    @property
    def gained_next(self) -> tuple[Terms, ...]:
        """What the next tier gives that the own one does not, or gives more of."""
        if self.next is None:
            return ()
        own = {(benefit.kind, benefit.value, benefit.title) for benefit in self.current.benefits}
        return tuple(b for b in self.next.benefits if (b.kind, b.value, b.title) not in own)


def profile(*, member_id: int) -> Profile:
    """The member's own data. One query. Raises NotFound."""
    member = signed_in(member_id=member_id)
    if member is None:
        raise NotFound()
    return profile_of(member=member)


def profile_of(*, member: SignedIn) -> Profile:
    """The data of who is signed in. No query."""
    return Profile(
        member_id=member.member_id,
        number=member.number,
        nickname=member.nickname,
        avatar=member.avatar,
        masked_phone=phones.masked(_opened("phone", member.sealed_phone)),
        birthday=_opened("birthday", member.sealed_birthday),
        points_account=member.points_account,
        growth_account=member.growth_account,
        tier_id=member.tier_id,
    )


def _opened(name: str, sealed: str) -> str:
    field = Member._meta.get_field(name)
    assert isinstance(field, EncryptedTextField)
    return str(field.from_db_value(sealed, None, None))


def ladder_of(*, who: Profile, at: datetime) -> Ladder:
    """The ladder with the member on it. Two queries."""
    return _ladder(who, qualifying_growth(moments={who.growth_account: at})[who.growth_account])


def holdings_ask(*, who: Profile, at: datetime) -> Ask[tuple[Balance, int]]:
    """The question of what `holdings_in` needs."""
    return balance_with_growth(points_account=who.points_account, growth_account=who.growth_account, at=at)


def holdings_in(answer: tuple[Balance, int], *, who: Profile, at: datetime) -> tuple[Ladder, Assets]:
    """What `ladder_of` and `assets_of` say. One query, when the tiers are not kept."""
    balance, growth = answer
    return _ladder(who, growth), assets_in(balance=balance, at=at)


def _ladder(who: Profile, growth: int) -> Ladder:
    rows = tuple(tiers())
    current = next(row for row in rows if row.rung.id == who.tier_id)
    way = progress(growth=growth, current=current.rung, ladder=[row.rung for row in rows])
    following = next((row for row in rows if way.next and row.rung.id == way.next.id), None)
    return Ladder(tiers=rows, current=current, next=following, growth=growth, progress=way)


def assets_of(*, who: Profile, at: datetime) -> Assets:
    """The member's points and what lapses next. One query."""
    return assets(account=who.points_account, at=at)
