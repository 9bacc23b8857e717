"""Reads typed values out of JSON and says in Chinese what is wrong with them."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any


class InvalidDefinition(ValueError):
    """The JSON is no campaign; `field` is the top-level field at fault, `text` a Chinese sentence."""

    def __init__(self, field: str, text: str) -> None:
        self.field, self.text = field, text
        super().__init__(f"{field}: {text}")


class Reader:
    """One JSON object; every refusal names `field`, or the key itself when none is given."""

    def __init__(self, data: Mapping[str, Any], *, field: str | None = None) -> None:
        if not isinstance(data, Mapping):
            raise InvalidDefinition(field or "definition", "格式不正确")
        self._data, self._field = data, field

    def refuse(self, key: str, text: str) -> InvalidDefinition:
        """The refusal for that key."""
        return InvalidDefinition(self._field or key, text)

    def text(self, key: str, *, required: bool = True) -> str:
        value = self._data.get(key, "")
        if not isinstance(value, str) or (required and not value.strip()):
            raise self.refuse(key, f"请填写 {key}")
        return value

    def choice(self, key: str, choices: tuple[str, ...]) -> str:
        value = self._data.get(key)
        if not isinstance(value, str) or value not in choices:
            raise self.refuse(key, f"不认识的 {key}：{value}")
        return value

    def items(self, key: str) -> list[Mapping[str, Any]]:
        value = self._data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
            raise self.refuse(key, "格式不正确")
        return value

    def integer(self, key: str, least: int, most: int) -> int:
        value = self._data.get(key)
        if type(value) is not int or not least <= value <= most:
            raise self.refuse(key, f"{key} 应为 {least} 到 {most} 的整数")
        return value

    def integers(self, key: str, least: int, most: int) -> tuple[int, ...]:
        value = self._data.get(key)
        if not isinstance(value, list) or not value:
            raise self.refuse(key, f"请至少选择一个 {key}")
        if any(type(one) is not int or not least <= one <= most for one in value):
            raise self.refuse(key, f"{key} 应为 {least} 到 {most} 的整数")
        return tuple(sorted(set(value)))

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._data.get(key)
        if not isinstance(value, list) or not value or not all(isinstance(one, str) and one for one in value):
            raise self.refuse(key, f"请至少选择一个 {key}")
        return tuple(dict.fromkeys(value))

    def number(self, key: str, *, above: int, most: int | None = None, below: int | None = None) -> Decimal:
        value = self._data.get(key)
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise self.refuse(key, f"{key} 应为数字")
        try:
            number = Decimal(value)
        except InvalidOperation as error:
            raise self.refuse(key, f"{key} 应为数字") from error
        if not number.is_finite() or number <= above:
            raise self.refuse(key, f"{key} 应大于 {above}")
        if (most is not None and number > most) or (below is not None and number >= below):
            limit = f"不超过 {most}" if most is not None else f"小于 {below}"
            raise self.refuse(key, f"{key} 应{limit}")
        if number != round(number, 4):
            raise self.refuse(key, f"{key} 最多四位小数")
        return number

    def day(self, key: str) -> date:
        value = self._data.get(key)
        try:
            return date.fromisoformat(value)  # type: ignore[arg-type]
        except (TypeError, ValueError) as error:
            raise self.refuse(key, f"{key} 应为日期，例如 2026-11-01") from error

    def moment(self, key: str) -> datetime | None:
        value = self._data.get(key)
        if value is None or value == "":
            return None
        try:
            moment = datetime.fromisoformat(value)
        except (TypeError, ValueError) as error:
            raise self.refuse(key, f"{key} 应为时间") from error
        if moment.tzinfo is None:
            raise self.refuse(key, f"{key} 应带时区")
        return moment
