"""The back office looks at the ledger and cannot touch it."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from points.models import Account, Entry

from .conftest import earn, spend


@pytest.fixture
def owner(client: Client, db: None) -> Client:
    """A browser in which somebody with every permission is logged in."""
    user = get_user_model().objects.create_superuser("boss@example.com", "a-long-password")
    client.force_login(user)
    return client


def test_accounts_and_entries_are_listed_filtered_and_searched(owner, account, other):
    earn(account, 123)
    earn(other, 456)
    spend(other, 77)
    accounts = owner.get(reverse("admin:points_account_changelist"), {"q": account})
    assert accounts.status_code == 200
    assert accounts.context["cl"].result_count == 1
    entries = owner.get(reverse("admin:points_entry_changelist"), {"kind__exact": "spend"})
    assert [entry.spendable for entry in entries.context["cl"].result_list] == [-77]
    by_source = owner.get(reverse("admin:points_entry_changelist"), {"q": "order:1"})
    assert by_source.context["cl"].result_count == 2
    assert "积分流水" in by_source.content.decode()


def test_a_list_of_entries_costs_the_same_however_long_it_is(owner, account, django_assert_max_num_queries):
    for n in range(30):
        earn(account, 1 + n)
    with django_assert_max_num_queries(12):
        owner.get(reverse("admin:points_entry_changelist"))


def test_nobody_adds_changes_or_deletes(owner, account):
    entry = earn(account, 10)
    assert owner.get(reverse("admin:points_entry_change", args=[entry.id])).status_code == 200
    assert owner.post(reverse("admin:points_entry_change", args=[entry.id]), {"points": 9}).status_code == 403
    assert owner.get(reverse("admin:points_entry_add")).status_code == 403
    assert owner.post(reverse("admin:points_account_delete", args=[account]), {"post": "yes"}).status_code == 403
    assert "delete_selected" not in owner.get(reverse("admin:points_entry_changelist")).content.decode()
    assert Account.objects.get(pk=account).spendable == 10
    assert Entry.objects.count() == 1
