"""Who listens to which fact: filled by each room's `AppConfig.ready()`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from config.outbox.events import Event

E = TypeVar("E", bound=Event)
Handler = Callable[[Any], object]


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """One handler's interest in one kind of fact. `name` is stored with each delivery: it outlives refactorings."""

    event: type[Event]
    handler: Handler
    name: str


class UnknownHandler(LookupError):
    """A delivery names a handler that no longer listens to that fact."""


_subscriptions: dict[tuple[str, str], Subscription] = {}


def subscribe(event: type[E], handler: Callable[[E], object], *, name: str = "") -> None:
    """Have `handler(event)` called once for every fact of that class, in a transaction that is open already.

    `name` is "<room>.<function>" unless stated. A handler may listen to several facts and then gets a stream's facts
    in one order. A stream that fails waits for its retry; other streams and other handlers go on.
    """
    name = name or f"{handler.__module__.partition('.')[0]}.{handler.__qualname__}"
    for known in _subscriptions.values():
        if known.name == name and known.handler != handler:
            raise ValueError(f"handler name {name!r} is taken")
        if known.event.name == event.name and known.event is not event:
            raise ValueError(f"event name {event.name!r} is taken")
    _subscriptions[event.name, name] = Subscription(event=event, handler=handler, name=name)


def listening_to(event_name: str) -> list[Subscription]:
    """The subscriptions to a fact, by handler name."""
    return [_subscriptions[key] for key in sorted(_subscriptions) if key[0] == event_name]


def subscription_of(*, event_name: str, handler_name: str) -> Subscription:
    """The subscription that a delivery was written for. Raises UnknownHandler."""
    try:
        return _subscriptions[event_name, handler_name]
    except KeyError as error:
        raise UnknownHandler(handler_name) from error


def event_names() -> list[str]:
    """Every fact that someone listens to."""
    return sorted({event_name for event_name, _ in _subscriptions})


def handler_names() -> list[str]:
    """Every handler."""
    return sorted({handler_name for _, handler_name in _subscriptions})
