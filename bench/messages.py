"""A broadcast to 10,000 and 100,000 members: each gets a message with their name, a tenth also by SMS.

The limit is physical: the same rows written by one INSERT … SELECT, chunk by chunk, into tables with the same columns
and indexes but no foreign keys.
"""

import time
from collections.abc import Iterator
from datetime import datetime

from django.db import connection, transaction

from bench.figures import Figure
from members.models import Broadcast, Member, Message, MessageDelivery, MessageTemplate, TemplateWay
from members.services import broadcasts
from members.services.registration import register_by_phone

_SIZES = (10_000, 100_000)
_AT = datetime.fromisoformat("2026-11-18T12:00+08:00")
_AIM = 5_000  # messages/s, with consents, reach and deliveries
_OWN = {
    "id": "n",
    "number": "n",
    "nickname": "'会员' || n",
    "points_account_id": "100 + 2 * n",
    "growth_account_id": "101 + 2 * n",
    "phone_index": "NULL",
    "phone_last4": "'0000'",
}
_LOAD = """
SET LOCAL session_replication_role = replica;
INSERT INTO points_account (id, asset, spendable)
SELECT 100 + 2 * n + side, CASE side WHEN 0 THEN 'points' ELSE 'growth' END, 0
FROM generate_series({first} + 1, {last}) AS n CROSS JOIN generate_series(0, 1) AS side;
INSERT INTO members_member ({columns}) SELECT {values}
FROM generate_series({first} + 1, {last}) AS n CROSS JOIN members_member AS pattern WHERE pattern.id = {pattern};
INSERT INTO members_messageconsent (member_id, way, purpose, given_at, source)
SELECT n, 'sms', 'marketing', now(), 'h5' FROM generate_series({first} + 1, {last}) AS n WHERE n % 10 = 0;
"""
_PATTERN = 10_000_000
_TWIN = """
CREATE TABLE twin (LIKE members_message INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING INDEXES);
CREATE TABLE twin_out (LIKE members_messagedelivery INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING INDEXES)
"""
_TWIN_CHUNK = """
WITH told AS (
    INSERT INTO twin (member_id, template_id, key, title, body, link, sent_at)
    SELECT id, 1, 'bench', '标题', nickname || '，大促开始了', '', now()
    FROM members_member WHERE id > {after} ORDER BY id LIMIT {chunk} RETURNING id, member_id
)
INSERT INTO twin_out (message_id, way, state, reason, payload, attempts, next_try_at, provider_ref)
SELECT id, 'sms', 'queued', '', '{{"text": "大促开始了"}}', 0, now(), '' FROM told WHERE member_id % 10 = 0
"""


def measure() -> Iterator[Figure]:
    """Messages per second at 100,000 members, and how much longer one takes than among 10,000."""
    seconds, loaded, fill = [], 0, _fill()
    for size in _SIZES:
        _run(_LOAD.format(first=loaded, last=size, **fill))
        _run("ANALYZE")
        loaded = size
        seconds.append(_fan_out(size))
    limit = _limit(loaded)
    small, large = seconds
    yield Figure(name="message_fan_out", value=1 / large, unit="messages/s", limit=limit, wanted=round(_AIM / limit, 3))
    yield Figure(
        name="message_fan_out_100k",
        value=large * 1e6,
        unit="µs/message",
        limit=small * 1e6,
        wanted=1.5,
        at_most=True,
    )


def _fill() -> dict[str, object]:
    """One member registers, far beyond the ids of the others, who are copied from it; a template that sends SMS too."""
    with transaction.atomic():
        member_id = register_by_phone(phone="13800000001", channel="h5", at=_AT).member_id
    Member.objects.filter(pk=member_id).update(id=_PATTERN, status="closed")
    template = MessageTemplate.objects.create(
        code="bench", name="bench", purpose="marketing", title="标题", body="{nickname}，大促开始了"
    )
    TemplateWay.objects.create(template=template, way="sms")
    names = [field.column for field in Member._meta.concrete_fields]
    own = _OWN | {"status": "'active'"}
    return {
        "columns": ", ".join(names),
        "values": ", ".join(own.get(name, f"pattern.{name}") for name in names),
        "pattern": _PATTERN,
    }


def _fan_out(members: int) -> float:
    """Seconds per member of one broadcast to all."""
    row = Broadcast.objects.create(name="bench", template=MessageTemplate.objects.get(code="bench"))
    with transaction.atomic():
        broadcasts.start(broadcast_id=row.pk, at=_AT)
    began, goes_on = time.monotonic(), True
    while goes_on:
        with transaction.atomic():
            goes_on = broadcasts.send_next(broadcast_id=row.pk, at=_AT).goes_on
    took = time.monotonic() - began
    told, queued = Message.objects.filter(broadcast=row), MessageDelivery.objects.filter(message__broadcast=row)
    if (told.count(), queued.count()) != (members, members // 10):
        raise RuntimeError("the broadcast told others than it should")
    return took / members


def _limit(members: int) -> float:
    _run(_TWIN)
    began = time.monotonic()
    for after in range(0, members, broadcasts.CHUNK):
        _run(_TWIN_CHUNK.format(after=after, chunk=broadcasts.CHUNK))
    return members / (time.monotonic() - began)


def _run(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
