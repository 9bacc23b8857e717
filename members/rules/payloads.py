"""What a message says on each way out of the shop, ready for its provider."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from members.rules.templates import Variable, fault_in, fill, names_in
from members.rules.wechat_fields import fault_in_key, fitted

MOST_TITLE: Final = 200
MOST_BODY: Final = 2000
_MOST_SMS: Final = 300
NICKNAME: Final = Variable(name="nickname", kind="text", title="会员昵称", sample="小杉")  # every template may name it
_WECHAT: Final = ("wechat_subscribe", "wechat_official")


@dataclass(frozen=True, kw_only=True)
class WayWords:
    """How a template reads on one way."""

    way: str
    remote_id: str
    text: str
    fields: Mapping[str, str]

    def names(self) -> set[str]:
        """The variables it names."""
        return names_in(self.text).union(*(names_in(text) for text in self.fields.values()))


@dataclass(frozen=True, kw_only=True)
class InboxWords:
    """A message as it stands in the inbox."""

    title: str
    body: str
    link: str


def payload(words: WayWords, *, code: str, inbox: InboxWords, values: Mapping[str, str]) -> dict[str, Any]:
    """What that way's sender needs, apart from the address. `code` is the template's: SMS_TEMPLATES go by it."""
    filled = {key: fill(text, values, most=_MOST_SMS) for key, text in words.fields.items()}
    if words.way in _WECHAT:
        data = {key: {"value": fitted(key, text)} for key, text in filled.items()}
        return {"template_id": words.remote_id, "page": inbox.link.lstrip("/"), "data": data}
    text = fill(words.text, values, most=MOST_BODY) if words.text else inbox.body
    if words.way == "sms":
        return {"text": text[:_MOST_SMS], "purpose": code, "values": filled or _listed(values)}
    return {"subject": inbox.title, "text": text, "link": inbox.link}


def _listed(values: Mapping[str, str]) -> dict[str, str]:
    """The template's own variables: a company's template knows no other."""
    return {name: text for name, text in values.items() if name != NICKNAME.name}


def faults(words: WayWords, variables: list[Variable]) -> dict[str, str]:
    """By column, a Chinese sentence about what is wrong with a way; empty: nothing."""
    found: dict[str, str] = {}
    if fault := fault_in(words.text, variables):
        found["text"] = fault
    for key, text in words.fields.items():
        fault = "字段的内容须为文字" if not isinstance(text, str) else fault_in(text, variables)
        if not fault and words.way in _WECHAT:
            fault = fault_in_key(key)
        if fault:
            found.setdefault("fields", fault)
    if words.way in _WECHAT and not words.remote_id:
        found["remote_id"] = "请填写微信平台上的模板编号"
    if words.way in _WECHAT and not words.fields:
        found.setdefault("fields", '请填写微信模板的字段，例如 {"thing1": "{reason}"}')
    if words.way == "sms" and len(words.text) > _MOST_SMS:
        found["text"] = f"短信最多 {_MOST_SMS} 字"
    return found
