"""Refusals that a person or a partner can act on."""

from collections.abc import Mapping
from typing import Any, ClassVar


class DomainError(Exception):
    """A refusal with a stable `code`, a Chinese `message` and the facts behind it.

    Subclasses stand beside the function that raises them. `message` may name facts in braces.
    Edges translate: the API to `{code, message, fields, facts}` with `http_status`, a page to a sentence at `field`.
    `public_facts` names the facts that programs may read, whole numbers all of them, each with its meaning in Chinese.
    """

    code: ClassVar[str] = "refused"
    message: ClassVar[str] = "操作未完成"
    http_status: ClassVar[int] = 409
    field: ClassVar[str | None] = None
    public_facts: ClassVar[Mapping[str, str]] = {}

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        super().__init__(self.message.format(**facts))

    @property
    def text(self) -> str:
        """The Chinese sentence with its facts filled in."""
        return str(self)


class NotFound(DomainError):
    """What was asked for does not exist, or is not the asker's."""

    code = "not_found"
    message = "内容不存在或已失效"
    http_status = 404


class InvalidInput(DomainError):
    """A value that breaks a rule; `fields` maps field names to Chinese sentences."""

    code = "invalid"
    message = "{summary}"
    http_status = 400

    def __init__(self, **fields: str) -> None:
        self.fields = fields
        super().__init__(summary="；".join(fields.values()))
