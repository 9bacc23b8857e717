"""Publishing facts: `from config.outbox import publishing as outbox`, then `outbox.publish(OrderCompleted(...))`."""

import json
from collections.abc import Iterable, Sequence

from django.db import connection, transaction

from config.core.db import transaction_required
from config.outbox import subscriptions
from config.outbox.events import Event
from config.outbox.models import Delivery, DeliveryState, Message
from config.outbox.services import nudging

_BATCH = 2000
_TO_EACH = f"""
WITH message AS (
    INSERT INTO {Message._meta.db_table} (event, stream, payload)
    SELECT %(event)s, %(subject)s || ':' || wanted.id, %(payload)s::jsonb || jsonb_build_object(%(field)s, wanted.id)
    FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS wanted (id, place) ORDER BY wanted.place
    RETURNING id, stream
)
INSERT INTO {Delivery._meta.db_table} (message_id, handler, stream, state, attempts, last_error)
SELECT message.id, listener.handler, message.stream, '{DeliveryState.PENDING}', 0, ''
FROM message CROSS JOIN unnest(%(handlers)s::text[]) AS listener (handler) ORDER BY message.id
"""  # noqa: S608 (names of our own models)


@transaction_required
def publish(event: Event) -> None:
    """Write the fact and one delivery per subscribed handler in the caller's transaction.

    Facts of one stream keep the order of their ids, so whoever publishes to a stream holds its aggregate's lock:
    without it two transactions could take ids in one order and commit in the other.
    """
    publish_many([event])


@transaction_required
def publish_many(events: Iterable[Event]) -> None:
    """Publish facts in the given order, set-based."""
    messages = Message.objects.bulk_create(
        [Message(event=event.name, stream=event.stream, payload=event.to_payload()) for event in events],
        batch_size=_BATCH,
    )
    deliveries = [
        Delivery(message=message, handler=subscription.name, stream=message.stream)
        for message in messages
        for subscription in subscriptions.listening_to(message.event)
    ]
    Delivery.objects.bulk_create(deliveries, batch_size=_BATCH)
    _nudge_on_commit({delivery.stream for delivery in deliveries})


@transaction_required
def publish_to_each(fact: Event, *, subject_ids: Sequence[int]) -> None:
    """Publish the same fact about each of these subjects, in one statement; which one `fact` names is left out."""
    field = f"{fact.subject}_id"
    handlers = [subscription.name for subscription in subscriptions.listening_to(fact.name)]
    with connection.cursor() as cursor:
        cursor.execute(
            _TO_EACH,
            {
                "event": fact.name,
                "subject": fact.subject,
                "field": field,
                "payload": json.dumps(fact.to_payload()),
                "ids": list(subject_ids),
                "handlers": handlers,
            },
        )
    if handlers:
        _nudge_on_commit({f"{fact.subject}:{subject}" for subject in subject_ids})


class _Nudge:
    """Tells the workers about a transaction's streams once, when it has committed."""

    def __init__(self) -> None:
        self.streams: set[str] = set()

    def __call__(self) -> None:
        nudging.nudge(streams=sorted(self.streams))


def _nudge_on_commit(streams: set[str]) -> None:
    """Join this transaction's nudge. One that was made in a savepoint now rolled back is no longer in Django's list."""
    if not streams:
        return
    waiting = [entry[1] for entry in connection.run_on_commit if isinstance(entry[1], _Nudge)]
    nudge = waiting[0] if waiting else _Nudge()
    if not waiting:
        transaction.on_commit(nudge, robust=True)
    nudge.streams |= streams
