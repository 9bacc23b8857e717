"""What a fact is. No Django here: every room's `events.py` imports this.

A room states its facts as frozen dataclasses of ids and primitives, in the past tense::

    @dataclass(frozen=True, kw_only=True)
    class OrderCompleted(Event):
        subject: ClassVar[str] = "order"  # the stream is "order:<order_id>"

        order_id: int
        completed_at: datetime
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, ClassVar, Self, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Event:
    """领域事件. A fact that has happened; higher rooms react to it after commit.

    `name` is stored with every message: "<room>.<Class>" unless the class states another. Facts of one `stream` reach
    a handler in the order in which they were published; `subject` names the aggregate whose `<subject>_id` makes the
    stream, or a subclass overrides `stream`.
    """

    name: ClassVar[str] = ""
    subject: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "name" not in cls.__dict__:
            cls.name = f"{cls.__module__.partition('.')[0]}.{cls.__name__}"

    @property
    def stream(self) -> str:
        """The line that the fact stands in, e.g. "order:88"."""
        if not self.subject:
            raise NotImplementedError(f"{self.name} states neither a subject nor a stream")
        return f"{self.subject}:{getattr(self, self.subject + '_id')}"

    def to_payload(self) -> dict[str, Any]:
        """The fact as JSON values. Raises TypeError for a value that is no primitive, ValueError for a naive time."""
        return {field.name: _encode(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> Self:
        """The fact that `to_payload` wrote. Raises TypeError when it does not fit the class."""
        return _build(cls, payload)


def _encode(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError("a fact carries aware times only")
    if isinstance(value, date):  # a datetime is a date
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, tuple):
        return [_encode(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _encode(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"a fact carries ids and primitives, not {type(value).__name__}")


def _build(cls: type[T], payload: Mapping[str, Any]) -> T:
    hints = get_type_hints(cls)
    known = {field.name for field in fields(cls)}  # type: ignore[arg-type]
    if unknown := set(payload) - known:
        raise TypeError(f"{cls.__name__} has no {', '.join(sorted(unknown))}")
    return cls(**{name: _decode(value, hints[name]) for name, value in payload.items()})


def _decode(value: Any, hint: Any) -> Any:
    if get_origin(hint) in {Union, UnionType}:
        options = get_args(hint)
        if value is None and NoneType in options:
            return None
        return _decode(value, next(option for option in options if option is not NoneType))
    if get_origin(hint) is tuple:
        return tuple(_decode(item, get_args(hint)[0]) for item in value)
    if hint in {datetime, date}:
        return hint.fromisoformat(value)
    if hint is Decimal:
        return Decimal(value)
    if is_dataclass(hint) and isinstance(hint, type):
        return _build(hint, value)
    if isinstance(hint, type) and not isinstance(value, hint):
        raise TypeError(f"expected {hint.__name__}, got {type(value).__name__}")
    return value
