"""Catalogue reads can be kept and asked about again, and nobody is shown another one's prices by a cache."""

import pytest

from mall.models import Product, Sku
from members.models import Member, Tier
from tests.api.conftest import Api, Goods

pytestmark = pytest.mark.django_db

READS = ["categories/", "products/", "products/{id}/", "rewards/", "rewards/{id}/", "pages/home/", "tiers/"]


@pytest.fixture
def product(goods: Goods) -> Product:
    return goods("茶礼", cents=10_000, points=800).product


@pytest.mark.parametrize("path", READS)
def test_who_has_the_answer_already_gets_304_and_nothing_to_read(visitor: Api, product: Product, path: str):
    path = path.format(id=product.pk)
    first = visitor.get(path)
    assert (first.status_code, first["Cache-Control"], first["Vary"]) == (200, "public, no-cache", "Authorization")
    assert "Set-Cookie" not in first
    for known in (first["ETag"], f"W/{first['ETag']}", f'"other", {first["ETag"]}', "*"):
        again = visitor.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert {name: again[name] for name in ("ETag", "Cache-Control", "Vary")} == {
            name: first[name] for name in ("ETag", "Cache-Control", "Vary")
        }
    assert visitor.get(path, headers={"If-None-Match": '"other"'}).content == first.content
    assert visitor.head(path)["ETag"] == first["ETag"]


@pytest.mark.parametrize("path", READS)
def test_what_a_member_is_shown_stays_with_them(api: Api, product: Product, path: str):
    answer = api.get(path.format(id=product.pk))
    assert (answer["Cache-Control"], answer["Vary"]) == ("private, no-cache", "Authorization")
    assert api.get(path.format(id=product.pk), headers={"If-None-Match": answer["ETag"]}).status_code == 304


@pytest.mark.parametrize("path", ["products/", "products/{id}/"])
def test_a_new_price_is_a_new_answer(visitor: Api, product: Product, path: str):
    path = path.format(id=product.pk)
    known = visitor.get(path)["ETag"]
    Sku.objects.filter(product=product).update(price_cents=9_900)
    changed = visitor.get(path, headers={"If-None-Match": known})
    assert changed.status_code == 200
    assert changed["ETag"] != known


def test_a_members_price_is_another_answer_than_the_shops(visitor: Api, api: Api, member: Member, product: Product):
    Member.objects.filter(pk=member.pk).update(tier=Tier.objects.get(code="diamond"))
    shops = visitor.get(f"products/{product.pk}/")
    own = api.get(f"products/{product.pk}/", headers={"If-None-Match": shops["ETag"]})
    assert (own.status_code, own.json()["skus"][0]["price_cents"]) == (200, 9_500)


def test_regions_may_be_kept_for_a_day(visitor: Api):
    assert visitor.get("regions/")["Cache-Control"] == "public, max-age=86400"


@pytest.mark.parametrize("path", ["products/999/", "products/?limit=0"])
def test_a_refusal_has_no_etag(visitor: Api, path: str):
    refused = visitor.get(path, headers={"If-None-Match": "*"})
    assert refused.status_code in {400, 404}
    assert "ETag" not in refused
    assert "Cache-Control" not in refused


def test_other_preconditions_have_no_meaning_here(visitor: Api):
    headers = {"If-Match": '"x"', "If-Unmodified-Since": "Wed, 18 Nov 2026 04:00:00 GMT"}
    assert visitor.get("categories/", headers=headers).status_code == 200
