"""Invoices of a till's export, as values."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Fault(StrEnum):
    """Why a line of the file is left out; the value is what the report says."""

    COLUMNS = "列数不对"
    NOT_A_NUMBER = "数量、单价或时间无法识别"
    NO_CODE = "缺少单据号或商品编码"
    TOO_LONG = "单据号、商品编码或会员编号过长"
    TOO_LARGE = "数量或金额过大"
    OTHER_CUSTOMER = "与同一单据前面的行不是同一位会员"
    BAD_DEBT = "坏账调整（A 开头），不是销售"
    ZERO_PRICE = "单价为 0，不是销售"
    NEGATIVE_PRICE = "单价为负"
    NEGATIVE_QUANTITY = "数量不为正，且不是退货单"
    POSITIVE_RETURN = "退货单里数量不为负"
    WALK_IN_RETURN = "没有会员的退货，无法对应到原订单"
    NO_PURCHASE = "找不到此前的购买"
    PARTLY_PURCHASED = "退货数量超过此前的购买，超出部分未处理"
    TOO_MUCH_MONEY = "退款金额超过原订单行实付，超出部分未处理"


class Line(NamedTuple):
    """One line: `number` is its line in the file (the header is 1), `cents` its total, rounded half up."""

    number: int
    code: str
    quantity: int
    unit_cents: int
    cents: int


@dataclass(slots=True)
class Invoice:
    """A purchase, or a credit note (`is_return`), at the wall-clock time of its earliest line."""

    number: str
    customer: str
    at: datetime
    is_return: bool
    lines: list[Line] = field(default_factory=list)

    @property
    def cents(self) -> int:
        """Sum of the lines that are kept."""
        return sum(line.cents for line in self.lines)


class Reject(NamedTuple):
    """A line that was left out, whole or in part."""

    line: int
    invoice: str
    fault: Fault


@dataclass(slots=True)
class Counts:
    """What the file holds, to tie the import to."""

    rows: int = 0
    invoices: int = 0
    customers: int = 0
    clean_lines: int = 0
    clean_cents: int = 0


@dataclass(slots=True)
class History:
    """A whole file: invoices in the order of time (then file), product names by code, what was left out."""

    invoices: list[Invoice]
    names: dict[str, str]
    customers: dict[str, datetime]
    rejects: list[Reject]
    counts: Counts


class BadFile(ValueError):
    """The file as a whole can't be imported; `sentence` says why in Chinese."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__(sentence)
