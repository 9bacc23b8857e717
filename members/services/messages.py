"""Telling members: the inbox at once and exactly once per key, the ways out of the shop as the member allows.

    send(member_id=7, template="points_gained", context={"points": 100, ...}, key="points:order:88", at=now)

Whatever is retried or published twice may call it again: the key says which message it is.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from celery import current_app
from celery.exceptions import OperationalError
from django.db import transaction
from django.db.models import Model, Value
from django.db.models.functions import Greatest

from config.core import policies
from config.core.db import fetch_all, transaction_required
from members.models import (
    BroadcastMember,
    Member,
    Message,
    MessageConsent,
    MessageDelivery,
    MessageEmail,
    MessageTally,
    SubscribeQuota,
)
from members.rules.payloads import InboxWords, WayWords, payload
from members.rules.quiet_hours import allowed_from
from members.selectors.message_reach import consented, reachable
from members.selectors.message_templates import Wording, wording

FORGOTTEN: Final[Sequence[type[Model]]] = (Message, MessageEmail, MessageTally, SubscribeQuota, BroadcastMember)
_INBOX: Final = """
INSERT INTO members_message (member_id, template_id, broadcast_id, key, title, body, link, sent_at)
SELECT said.member, %(template)s, %(broadcast)s, said.key, said.title, said.body, said.link, %(at)s
FROM unnest(%(members)s::bigint[], %(keys)s::text[], %(titles)s::text[], %(bodies)s::text[], %(links)s::text[])
     AS said (member, key, title, body, link)
JOIN members_member AS m ON m.id = said.member AND m.status <> 'closed'
ON CONFLICT (member_id, key) DO NOTHING
RETURNING id, member_id, key
"""
_QUEUE: Final = """
INSERT INTO members_messagedelivery
    (message_id, way, state, reason, payload, attempts, next_try_at, finished_at, provider_ref)
SELECT q.message, q.way, q.state, q.reason, q.payload::jsonb, 0,
       CASE WHEN q.state = 'queued' THEN %(due)s END, CASE WHEN q.state <> 'queued' THEN %(at)s END, ''
FROM unnest(%(messages)s::bigint[], %(ways)s::text[], %(states)s::text[], %(reasons)s::text[], %(payloads)s::text[])
     AS q (message, way, state, reason, payload)
ON CONFLICT (message_id, way) DO NOTHING
RETURNING state
"""
_NO_CONSENT: Final = "会员未同意或已关闭"
_NO_ADDRESS: Final[Mapping[str, str]] = {
    "sms": "会员没有绑定手机号",
    "email": "会员没有确认过的邮箱",
    "wechat_subscribe": "会员没有在小程序登录，或没有剩余的订阅次数",
    "wechat_official": "会员没有关注公众号",
}


@dataclass(frozen=True, kw_only=True)
class Sending:
    """One member to tell, what fills the template in, and which message it is."""

    member_id: int
    key: str
    context: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Sent:
    """How many new messages stand in inboxes, and how many wait to leave the shop."""

    told: int
    queued: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Written:
    sending: Sending
    inbox: InboxWords
    values: Mapping[str, str]


@transaction_required
def send(*, member_id: int, template: str, context: Mapping[str, Any], key: str, at: datetime) -> bool:
    """Tell one member; False when that message was sent before, the template is off, or the member has left.

    Values that the template doesn't list are not used. Raises UnknownTemplate.
    """
    one = Sending(member_id=member_id, key=key, context=context)
    return send_many(template=template, sendings=[one], at=at).told == 1


@transaction_required
def send_many(*, template: str, sendings: Sequence[Sending], at: datetime) -> Sent:
    """Tell many members, each in words of their own, set-based; chunks of a few thousand are best."""
    return send_words(words=wording(code=template), sendings=sendings, at=at)


@transaction_required
def send_words(*, words: Wording, sendings: Sequence[Sending], at: datetime, broadcast_id: int | None = None) -> Sent:
    """The same with a template at hand; of a broadcast, what can't leave is not noted member by member."""
    if not words.is_enabled or not sendings:
        return Sent(told=0, queued=0)
    written = {(one.sending.member_id, one.sending.key): one for one in _write(words, sendings)}
    new = _put_in_inboxes(words, list(written.values()), at=at, broadcast_id=broadcast_id)
    said = {message_id: written[name] for message_id, name in new.items()}
    queued = _queue(words, said, at=at, is_broadcast=broadcast_id is not None)
    return Sent(told=len(new), queued=queued)


def _write(words: Wording, sendings: Sequence[Sending]) -> list[_Written]:
    """Words for each; where only the context fills them in and it is shared, they are written once."""
    names = _nicknames(sendings) if words.names_member else {}
    made: dict[tuple[int, str], tuple[InboxWords, Mapping[str, str]]] = {}
    written = []
    for one in sendings:
        name = names.get(one.member_id, "")
        about = (id(one.context), name)
        if about not in made:
            values: Mapping[str, str] = words.values({**one.context, "nickname": name})
            made[about] = words.inbox(values), values
        inbox, values = made[about]
        written.append(_Written(sending=one, inbox=inbox, values=values))
    return written


def _nicknames(sendings: Sequence[Sending]) -> dict[int, str]:
    rows = Member.objects.filter(pk__in=[one.member_id for one in sendings])
    return dict(rows.values_list("pk", "nickname"))


def _put_in_inboxes(
    words: Wording, written: Sequence[_Written], *, at: datetime, broadcast_id: int | None
) -> dict[int, tuple[int, str]]:
    """The new messages' ids, with whose they are and their keys."""
    rows = fetch_all(
        _INBOX,
        {
            "template": words.id,
            "broadcast": broadcast_id,
            "at": at,
            "members": [one.sending.member_id for one in written],
            "keys": [one.sending.key for one in written],
            "titles": [one.inbox.title for one in written],
            "bodies": [one.inbox.body for one in written],
            "links": [one.inbox.link for one in written],
        },
    )
    return {message_id: (member_id, key) for message_id, member_id, key in rows}


def _queue(words: Wording, said: Mapping[int, _Written], *, at: datetime, is_broadcast: bool) -> int:
    """Queue what may leave; of a single message also note what may not, and why."""
    if not words.ways or not said:
        return 0
    members = {one.sending.member_id for one in said.values()}
    agreed = consented(member_ids=members, ways=[way.way for way in words.ways], purpose=words.purpose)
    rows: list[tuple[int, str, str, str, str]] = []
    for way in words.ways:
        found = reachable(member_ids=agreed[way.way], way=way.way, remote_id=way.remote_id)
        for message_id, one in said.items():
            member_id = one.sending.member_id
            if member_id in found:
                rows.append((message_id, way.way, "queued", "", _json(words.code, way, one)))
            elif not is_broadcast:
                reason = _NO_ADDRESS[way.way] if member_id in agreed[way.way] else _NO_CONSENT
                rows.append((message_id, way.way, "suppressed", reason, _json(words.code, way, one)))
    return _insert(rows, at=at, due=_due(words, at))


def _json(code: str, way: WayWords, one: _Written) -> str:
    return json.dumps(payload(way, code=code, inbox=one.inbox, values=one.values), ensure_ascii=False)


def _due(words: Wording, at: datetime) -> datetime:
    return at if words.is_urgent else after_quiet_hours(at=at)


def after_quiet_hours(*, at: datetime) -> datetime:
    """`at`, or the end of the quiet hours that it lies in."""
    now = policies.current()
    return allowed_from(at=at, starts_hour=now.quiet_from_hour, ends_hour=now.quiet_until_hour)


def _insert(rows: Sequence[tuple[int, str, str, str, str]], *, at: datetime, due: datetime) -> int:
    if not rows:
        return 0
    messages, ways, states, reasons, payloads = (list(column) for column in zip(*rows, strict=True))
    asked = {"messages": messages, "ways": ways, "states": states, "reasons": reasons, "payloads": payloads}
    inserted = fetch_all(_QUEUE, {**asked, "at": at, "due": due})
    queued: int = sum(state == MessageDelivery.State.QUEUED for (state,) in inserted)
    if queued and due <= at:
        transaction.on_commit(_nudge, robust=True)
    return queued


def _nudge() -> None:
    """Wake a worker; a nudge may be lost at no harm, the periodic task finds what is due."""
    try:
        current_app.send_task("members.deliver_messages", expires=60, retry=False)
    except OperationalError:
        return


@transaction_required
def repoint(*, source_id: int, target_id: int) -> None:
    """The duplicate's messages are the target's; what the target has under the same key stays its own."""
    fetch_all(
        "INSERT INTO members_subscribequota AS q (member_id, remote_id, remaining, refused_at)"
        " SELECT %(target)s, remote_id, remaining, refused_at FROM members_subscribequota WHERE member_id = %(source)s"
        " ON CONFLICT (member_id, remote_id) DO UPDATE SET remaining = q.remaining + EXCLUDED.remaining,"
        " refused_at = greatest(q.refused_at, EXCLUDED.refused_at) RETURNING 1",
        {"source": source_id, "target": target_id},
    )
    fetch_all("DELETE FROM members_subscribequota WHERE member_id = %(source)s RETURNING 1", {"source": source_id})
    fetch_all(
        "UPDATE members_message AS one SET member_id = %(target)s WHERE one.member_id = %(source)s AND NOT EXISTS"
        " (SELECT 1 FROM members_message AS other WHERE other.member_id = %(target)s AND other.key = one.key)"
        " RETURNING 1",
        {"source": source_id, "target": target_id},
    )


@transaction_required
def forget(*, member_ids: Sequence[int], at: datetime) -> None:
    """Delete what members who leave were told and are reached by; what they agreed to ends, and proves what was."""
    for model in FORGOTTEN:
        model._default_manager.filter(member_id__in=member_ids).delete()
    agreed = MessageConsent.objects.filter(member_id__in=member_ids, withdrawn_at=None)
    agreed.update(withdrawn_at=Greatest("given_at", Value(at)))
