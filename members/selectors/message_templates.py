"""Templates as services read them: plain values, kept for a few seconds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from config.core.keeping import kept
from members.models import MessageTemplate, TemplateWay
from members.rules.payloads import MOST_BODY, MOST_TITLE, NICKNAME, InboxWords, WayWords
from members.rules.templates import Variable, fill, fill_path, names_in, values_of, variables_of


class UnknownTemplate(LookupError):
    """No template has that code: a programming error, or the merchant's own was deleted."""


@dataclass(frozen=True, kw_only=True)
class Wording:
    """A template: what is said in the inbox and on each way that is switched on."""

    id: int
    code: str
    purpose: str
    is_urgent: bool
    is_enabled: bool
    variables: tuple[Variable, ...]
    title: str
    body: str
    link: str
    ways: tuple[WayWords, ...]

    @property
    def names_member(self) -> bool:
        """Whether the words differ from member to member even in one context."""
        return NICKNAME.name in names_in(self.title + self.body).union(*(way.names() for way in self.ways))

    def values(self, context: Mapping[str, Any]) -> dict[str, str]:
        """What the variables say in that context."""
        return values_of((*self.variables, NICKNAME), context)

    def inbox(self, values: Mapping[str, str]) -> InboxWords:
        """The message as it stands in the inbox."""
        return InboxWords(
            title=fill(self.title, values, most=MOST_TITLE),
            body=fill(self.body, values, most=MOST_BODY),
            link=fill_path(self.link, values),
        )


def wording(*, code: str) -> Wording:
    """The template of that code. Raises UnknownTemplate. Two queries, or none within settings.SHELF_SECONDS."""
    return kept(("message_wording", code), seconds=settings.SHELF_SECONDS, load=lambda: _load(code))


def _load(code: str) -> Wording:
    row = MessageTemplate.objects.filter(code=code).first()
    if row is None:
        raise UnknownTemplate(code)
    ways = TemplateWay.objects.filter(template=row, is_enabled=True).order_by("pk")
    return wording_of(row, list(ways))


def wording_of(row: MessageTemplate, ways: list[TemplateWay]) -> Wording:
    """The same of rows at hand. No query."""
    return Wording(
        id=row.pk,
        code=row.code,
        purpose=row.purpose,
        is_urgent=row.is_urgent,
        is_enabled=row.is_enabled,
        variables=tuple(variables_of(row.variables)),
        title=row.title,
        body=row.body,
        link=row.link,
        ways=tuple(WayWords(way=w.way, remote_id=w.remote_id, text=w.text, fields=w.fields) for w in ways),
    )


def subscribe_template_ids() -> dict[str, str]:
    """By template code, the WeChat template that the mini-program asks the member to allow. One query."""
    rows = TemplateWay.objects.filter(way="wechat_subscribe", is_enabled=True, template__is_enabled=True)
    return dict(rows.order_by("pk").values_list("template__code", "remote_id"))
