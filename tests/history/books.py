"""What an import has left behind, in plain values."""

from typing import Any

from django.core.management import call_command
from django.db import connection

from campaigns.models import Receipt
from mall.models import Order, Refund
from members.models import Member, TierChange
from points.models import Account

TABLES = [
    "campaigns_campaign",
    "campaigns_campaignversion",
    "campaigns_grant",
    "campaigns_receipt",
    "mall_order",
    "mall_orderline",
    "mall_product",
    "mall_refund",
    "mall_refundline",
    "mall_sku",
    "members_member",
    "members_tierchange",
    "points_account",
    "points_draw",
    "points_entry",
    "points_lot",
]


def run(path: object, *options: str, source: str = "online-retail") -> None:
    """The command, as a person would call it."""
    call_command("import_orders", str(path), *options, format="online-retail", source=source)


def checksums() -> dict[str, tuple[int, str | None]]:
    """Rows and a checksum of every table that an import writes to."""
    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT count(*), md5(string_agg(row::text, ',' ORDER BY id)) FROM {table} AS row")
            found[table] = cursor.fetchone()
    return found


def balances(source: str = "online-retail") -> dict[str, tuple[int, int, int, str]]:
    """Customer -> points, points owed, growth, tier."""
    rows = Member.objects.filter(source=source).select_related("tier").order_by("external_ref")
    accounts = {account.pk: account for account in Account.objects.all()}
    return {
        row.external_ref: (
            accounts[row.points_account_id].spendable,
            accounts[row.points_account_id].arrears,
            accounts[row.growth_account_id].spendable,
            row.tier.code,
        )
        for row in rows
    }


def orders(source: str = "online-retail") -> dict[str, tuple[int, int, str | None, int, int]]:
    """Invoice -> cents, cents refunded, tier judged by, points and growth earned."""
    receipts = {row.occurrence: row for row in Receipt.objects.all()}
    found = {}
    for order in Order.objects.filter(source=source).order_by("external_ref"):
        receipt = receipts.get(f"order:{order.pk}")
        earned = (receipt.points, receipt.growth) if receipt else (0, 0)
        found[order.external_ref] = (
            order.payable_cents,
            order.refunded_cents,
            order.judged_as["tier_code"],
            *earned,
        )
    return found


def refunds(source: str = "online-retail") -> dict[tuple[str, str], tuple[int, int, int]]:
    """(Credit note, invoice) -> cents, points and growth taken back."""
    receipts = {row.occurrence: row for row in Receipt.objects.all()}
    found = {}
    for refund in Refund.objects.filter(source=source).select_related("order"):
        receipt = receipts.get(f"refund:{refund.pk}")
        taken = (-receipt.points, -receipt.growth) if receipt else (0, 0)
        found[refund.external_ref, refund.order.external_ref] = (refund.cash_cents, *taken)
    return found


def climbs(source: str = "online-retail") -> list[tuple[str, str, str, int, Any]]:
    """Customer, old tier, new tier, growth, when: by customer, in order."""
    rows = TierChange.objects.filter(member__source=source).order_by("member__external_ref", "pk")
    return list(rows.values_list("member__external_ref", "old_tier__code", "new_tier__code", "growth", "at"))
