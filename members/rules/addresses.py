"""What makes a delivery address usable."""

import unicodedata
from dataclasses import dataclass

from config.core.errors import InvalidInput
from members.rules import phones, regions

_RECIPIENT = 20
_DETAIL = (4, 100)


@dataclass(frozen=True, kw_only=True)
class AddressForm:
    """An address as it was typed."""

    recipient: str
    phone: str
    region_code: str
    detail: str
    is_default: bool = False


@dataclass(frozen=True, kw_only=True)
class CleanAddress:
    """An address that can be delivered to."""

    recipient: str
    phone: str
    region_code: str
    region: str
    detail: str


def one_line(text: str) -> str:
    """Text without control characters, line breaks and doubled spaces."""
    printable = "".join(" " if unicodedata.category(char) in {"Cc", "Zl", "Zp"} else char for char in text)
    return " ".join(printable.split())


def clean(form: AddressForm) -> CleanAddress:
    """The usable address. Raises InvalidInput with a sentence for every field that is wrong."""
    wrong: dict[str, str] = {}
    recipient, detail = one_line(form.recipient), one_line(form.detail)
    if not 1 <= len(recipient) <= _RECIPIENT:
        wrong["recipient"] = "请填写收货人姓名" if not recipient else f"收货人姓名最多 {_RECIPIENT} 个字"
    region = regions.full_name(district=form.region_code)
    if not region:
        wrong["region_code"] = "请选择省、市、区"
    if len(detail) < _DETAIL[0]:
        wrong["detail"] = "请填写街道、门牌号等详细地址" if not detail else f"详细地址至少 {_DETAIL[0]} 个字"
    elif len(detail) > _DETAIL[1]:
        wrong["detail"] = f"详细地址最多 {_DETAIL[1]} 个字"
    phone = ""
    try:
        phone = phones.normalise(form.phone)
    except phones.InvalidPhone as error:
        wrong["phone"] = error.text
    if wrong:
        raise InvalidInput(**wrong)
    return CleanAddress(recipient=recipient, phone=phone, region_code=form.region_code, region=region, detail=detail)
