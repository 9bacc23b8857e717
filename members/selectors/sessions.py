"""Who is behind a session: the log-in and its member, in one query of what every page needs of them."""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from django.db import connection

from config.core.db import fetch_prepared
from members.models import Member, User

_OF_MEMBER: Final = (
    *("id", "number", "nickname", "avatar", "status", "points_account_id", "growth_account_id", "tier_id"),
    *("agreed_version", "phone", "birthday"),
)
_NOTICE: Final = "(SELECT max(version) FROM members_privacynotice WHERE published_at IS NOT NULL)"
_UNREAD: Final = (
    "(SELECT count(*) FROM (SELECT 1 FROM members_message AS told WHERE told.member_id = member.id"
    " AND told.read_at IS NULL LIMIT 100) AS unread)"
)
_PLAN: Final = (
    "(SELECT paid.plan_id FROM members_subscription AS paid WHERE paid.member_id = member.id AND paid.state = 'live'"
    " AND paid.starts_at <= statement_timestamp() AND (paid.ends_at IS NULL OR paid.ends_at > statement_timestamp())"
    " LIMIT 1)"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedIn:
    """The member of a session. What is sealed stays so until `members.selectors.centre` opens it for its page."""

    member_id: int
    number: str
    nickname: str
    avatar: str
    status: str
    points_account: int
    growth_account: int
    tier_id: int
    agreed_version: int
    sealed_phone: str
    sealed_birthday: str
    notice_version: int | None  # the privacy notice in force
    unread: int  # messages, counted up to 100
    plan_id: int | None = None  # the paid membership that runs now

    @property
    def needs_consent(self) -> bool:
        """Whether a privacy notice is in force that the member hasn't agreed to."""
        return self.agreed_version < (self.notice_version or 0)


def log_in(*, user_id: int) -> tuple[User, SignedIn | None] | None:
    """The log-in of that id and its member, if it has one; None for an unknown id. One query."""
    row = fetch_prepared(_sql(), {"id": user_id})
    if row is None:
        return None
    names = [field.attname for field in User._meta.concrete_fields]
    user = User.from_db(connection.alias, names, row[: len(names)])
    member = row[len(names) :]
    return user, None if member[0] is None else _signed_in(*member)


def signed_in(*, member_id: int) -> SignedIn | None:
    """What `log_in` knows of that member, with or without a log-in. One query."""
    columns = ", ".join((*_OF_MEMBER, _NOTICE, _UNREAD, _PLAN))
    sql = f"SELECT {columns} FROM {Member._meta.db_table} AS member WHERE id = %(id)s"  # noqa: S608 (names of our own models)
    row = fetch_prepared(sql, {"id": member_id})
    return None if row is None else _signed_in(*row)


def _signed_in(
    id: int,
    number: str,
    nickname: str,
    avatar: str,
    status: str,
    points: int,
    growth: int,
    tier: int,
    agreed: int,
    *rest: Any,
) -> SignedIn:
    return SignedIn(
        member_id=id,
        number=number,
        nickname=nickname,
        avatar=avatar,
        status=status,
        points_account=points,
        growth_account=growth,
        tier_id=tier,
        agreed_version=agreed,
        sealed_phone=rest[0],
        sealed_birthday=rest[1],
        notice_version=rest[2],
        unread=rest[3],
        plan_id=rest[4],
    )


@cache
def _sql() -> str:
    of_user = ", ".join(f"log_in.{field.column}" for field in User._meta.concrete_fields)
    of_member = ", ".join(f"member.{name}" for name in _OF_MEMBER)
    return (
        f"SELECT {of_user}, {of_member}, {_NOTICE}, {_UNREAD}, {_PLAN} FROM {User._meta.db_table} AS log_in"  # noqa: S608 (names of our own models)
        f" LEFT JOIN {Member._meta.db_table} AS member ON member.user_id = log_in.id WHERE log_in.id = %(id)s"
    )
