"""Input fields that the API's endpoints share; each says in Chinese what is wrong."""

from typing import TYPE_CHECKING, Any, Final

from rest_framework import serializers

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Messages = dict[str, str | _StrPromise]

BIGGEST_ID: Final = 2**63 - 1
MOST: Final = 10**12  # more than anybody has or owes, and exact in JavaScript


class IdField(serializers.IntegerField):
    """A row's id: whatever can't be one gets the sentence."""

    def __init__(self, *, sentence: str, **options: Any) -> None:
        wrong = ("required", "null", "invalid", "min_value", "max_value", "max_string_length")
        messages: Messages = dict.fromkeys(wrong, sentence)
        super().__init__(min_value=1, max_value=BIGGEST_ID, error_messages=messages, **options)


class WholeField(serializers.IntegerField):
    """A whole number of something; which ones are possible is the domain's to say."""

    def __init__(self, *, what: str, **options: Any) -> None:
        messages: Messages = dict.fromkeys(("invalid", "null", "max_string_length"), f"{what}要写成整数")
        options.setdefault("min_value", -MOST)
        options.setdefault("max_value", MOST)
        messages |= dict.fromkeys(("min_value", "max_value"), f"{what}超出范围") | {"required": f"请填写{what}"}
        super().__init__(error_messages=messages, **options)


class TextField(serializers.CharField):
    """A line of text; empty and missing ones get the same sentence."""

    def __init__(self, *, what: str, most: int, **options: Any) -> None:
        messages: Messages = dict.fromkeys(("required", "null", "blank"), f"请填写{what}")
        messages |= {"invalid": f"{what}要写成文字", "max_length": f"{what}最多 {most} 个字"}
        super().__init__(max_length=most, error_messages=messages, **options)

    def to_internal_value(self, data: Any) -> str:
        """The text; a number is none."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class FlagField(serializers.BooleanField):
    """true or false as JSON has them: no 0, no "yes"."""

    def __init__(self, *, what: str, **options: Any) -> None:
        messages: Messages = dict.fromkeys(("required", "null", "invalid"), f"{what}要写成 true 或 false")
        super().__init__(error_messages=messages, **options)

    def to_internal_value(self, data: Any) -> bool:
        """The flag; what only looks like one is none."""
        if not isinstance(data, bool):
            self.fail("invalid")
        return data
