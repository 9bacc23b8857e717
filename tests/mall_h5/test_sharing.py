"""Sharing a product: the button makes the member's own link, and the making earns nothing."""

import re

import pytest
from django.test import Client

from config.outbox.models import Message
from members.models import Member, ShareLink
from points.models import Entry
from tests.mall_h5.conftest import Goods

pytestmark = pytest.mark.django_db


def test_the_button_of_a_product_makes_ones_own_link_to_it(buyer: Client, member: Member, goods: Goods) -> None:
    page = f"/products/{goods().pk}/"
    shown = buyer.get(page).content.decode()
    assert 'form="share" aria-label="分享给好友"' in shown
    form = re.search(
        r'<form id="share" method="post" action="([^"]+)">.*?name="path" value="([^"]+)"', shown, re.DOTALL
    )
    assert form is not None
    assert form.groups() == ("/share/", page)
    entries, facts = Entry.objects.count(), Message.objects.count()
    answer = buyer.post(form[1], {"path": form[2]})
    link = ShareLink.objects.get(member=member, path=page)
    assert f"/s/{link.code}/" in answer.content.decode()
    assert (Entry.objects.count(), Message.objects.count()) == (entries, facts)
    assert Client().get(f"/s/{link.code}/").headers["Location"] == page


def test_a_visitor_who_shares_logs_in_first_and_comes_back(visitor: Client, goods: Goods) -> None:
    page = f"/products/{goods().pk}/"
    answer = visitor.post("/share/", {"path": page}, headers={"Referer": f"http://testserver{page}"})
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        f"/login/?next=%2Fproducts%2F{page.split('/')[2]}%2F",
    )
