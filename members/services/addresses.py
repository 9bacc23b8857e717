"""Delivery addresses: written by their owner alone."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import ClassVar

from config.core import policies
from config.core.db import transaction_required
from config.core.errors import DomainError, NotFound
from members.models import Address
from members.rules import addresses as rules
from members.rules.addresses import AddressForm, CleanAddress
from members.services.locks import lock_members


class TooManyAddresses(DomainError):
    """The member's address book is full."""

    code: ClassVar[str] = "too_many_addresses"
    message: ClassVar[str] = "最多保存 {limit} 个收货地址，请先删除不用的地址"
    public_facts: ClassVar[Mapping[str, str]] = {"limit": "最多的地址数"}


@transaction_required
def save_address(*, member_id: int, form: AddressForm, at: datetime, address_id: int | None = None) -> int:
    """The id of the address, new or changed. The first one is the default; the same new one twice is saved once.

    Raises InvalidInput (by field), NotFound, TooManyAddresses.
    """
    clean = rules.clean(form)
    book = _locked_book(member_id)
    if address_id is None:
        row = _same(book, clean) or _added(book, member_id, clean, at)
    else:
        row = _own(book, address_id)
        _write(row, clean)
    if form.is_default or not any(other.is_default for other in book):
        _set_default(member_id, row.pk)
    return row.pk


@transaction_required
def delete_address(*, member_id: int, address_id: int) -> None:
    """Delete an address; when it was the default, the newest other one becomes it. Raises NotFound."""
    book = _locked_book(member_id)
    row = _own(book, address_id)
    others = [other.pk for other in book if other.pk != row.pk]
    was_default = row.is_default
    row.delete()
    if was_default and others:
        _set_default(member_id, max(others))


@transaction_required
def make_default(*, member_id: int, address_id: int) -> None:
    """Make an address the default one. Raises NotFound."""
    _set_default(member_id, _own(_locked_book(member_id), address_id).pk)


def _locked_book(member_id: int) -> list[Address]:
    lock_members([member_id])
    return list(Address.objects.filter(member_id=member_id).order_by("pk"))


def _own(book: list[Address], address_id: int) -> Address:
    for row in book:
        if row.pk == address_id:
            return row
    raise NotFound()


def _same(book: list[Address], clean: CleanAddress) -> Address | None:
    wanted = asdict(clean)
    return next((row for row in book if {name: getattr(row, name) for name in wanted} == wanted), None)


def _added(book: list[Address], member_id: int, clean: CleanAddress, at: datetime) -> Address:
    limit = policies.current().max_addresses
    if len(book) >= limit:
        raise TooManyAddresses(limit=limit)
    return Address.objects.create(
        member_id=member_id, phone_last4=clean.phone[-4:], created_at=at, is_default=False, **asdict(clean)
    )


def _write(row: Address, clean: CleanAddress) -> None:
    for name, value in asdict(clean).items():
        setattr(row, name, value)
    row.phone_last4 = clean.phone[-4:]
    row.save(update_fields=[*asdict(clean), "phone_last4"])


def _set_default(member_id: int, address_id: int) -> None:
    Address.objects.filter(member_id=member_id, is_default=True).exclude(pk=address_id).update(is_default=False)
    Address.objects.filter(pk=address_id).update(is_default=True)
