"""A text message on its way out, the account it goes by, and why it may not have left."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from config.core.errors import DomainError
from members.outgoing import NoAnswer, ask

logger = logging.getLogger(__name__)


class TextNotSent(DomainError):
    """The company could not be reached, or refuses the shop's account, signature or template."""

    code: ClassVar[str] = "text_not_sent"
    message: ClassVar[str] = "短信暂时发不出去，请稍后再试"
    http_status: ClassVar[int] = 503
    field: ClassVar[str | None] = "phone"


class TextRefused(DomainError):
    """The company does not deliver to this phone."""

    code: ClassVar[str] = "text_refused"
    message: ClassVar[str] = "该手机号收不到短信，请换一个手机号或联系客服"
    http_status: ClassVar[int] = 400
    field: ClassVar[str | None] = "phone"


class TextsTooOften(DomainError):
    """The company has sent this phone enough for now."""

    code: ClassVar[str] = "texts_too_often"
    message: ClassVar[str] = "该手机号收到的短信过多，请稍后再试"
    http_status: ClassVar[int] = 429
    field: ClassVar[str | None] = "phone"
    public_facts: ClassVar[Mapping[str, str]] = {"seconds": "多少秒后再试"}


@dataclass(frozen=True, kw_only=True)
class Text:
    """One message to one phone: `text` for a person to read, `purpose` and `values` for the company's template."""

    phone: str
    purpose: str
    values: Mapping[str, str]
    text: str


@dataclass(frozen=True, kw_only=True)
class Account:
    """The shop's account with a company; `templates` by purpose: the company's id, and which values it takes."""

    base_url: str
    key_id: str
    key_secret: str = field(repr=False)
    sign_name: str
    app_id: str = ""
    region: str = ""
    templates: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)

    def template_of(self, text: Text) -> tuple[str, dict[str, str]]:
        """The template's id and the values that it takes, in its order. Raises TextNotSent."""
        if text.purpose not in self.templates:
            logger.error("text message without a template", extra={"purpose": text.purpose})
            raise TextNotSent()
        template, names = self.templates[text.purpose]
        return template, {name: text.values[name] for name in names or text.values}


def post(*, company: str, url: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """The JSON object that the company answers, whatever the status. Raises TextNotSent."""
    try:
        return ask("POST", url, headers=headers, body=body)
    except NoAnswer as error:
        logger.error("text message not sent", extra={"company": company, "reason": error.reason})
        raise TextNotSent() from None


def refuse(*, company: str, code: str, request_id: str, too_often: frozenset[str], refused: frozenset[str]) -> None:
    """Raise what a code of the company means: TextsTooOften, TextRefused, else TextNotSent. The log has the code."""
    facts = {"company": company, "error_code": code[:100], "company_request_id": request_id[:100]}
    if code in too_often:
        logger.warning("text message refused: too often", extra=facts)
        raise TextsTooOften(seconds=60 * 60)
    if code in refused:
        logger.warning("text message refused: phone", extra=facts)
        raise TextRefused()
    logger.error("text message not sent", extra=facts)
    raise TextNotSent()
