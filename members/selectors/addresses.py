"""A member's delivery addresses as plain values."""

from dataclasses import dataclass

from config.core.errors import NotFound
from members.models import Address
from members.rules import phones


@dataclass(frozen=True, kw_only=True)
class AddressRow:
    """One address, opened for its owner."""

    id: int
    recipient: str
    phone: str
    masked_phone: str
    region: str
    region_code: str
    detail: str
    is_default: bool


def addresses(*, member_id: int) -> list[AddressRow]:
    """The member's addresses, the default one first, then the newest. One query."""
    return [_row(row) for row in Address.objects.filter(member_id=member_id).order_by("-is_default", "-pk")]


def address(*, member_id: int, address_id: int) -> AddressRow:
    """One address of that member. Raises NotFound for anybody else's."""
    row = Address.objects.filter(member_id=member_id, pk=address_id).first()
    if row is None:
        raise NotFound()
    return _row(row)


def _row(row: Address) -> AddressRow:
    return AddressRow(
        id=row.pk,
        recipient=row.recipient,
        phone=row.phone,
        masked_phone=phones.masked(row.phone),
        region=row.region,
        region_code=row.region_code,
        detail=row.detail,
        is_default=row.is_default,
    )
