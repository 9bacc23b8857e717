"""What a segment's rule asks for is not deleted: without it everybody would be in who is to be left out."""

import json
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from mall.models import Category
from members.models import Channel, Interest, Segment, Tag, Tier
from members.rules.segments import codes_in
from tests.mall.builders import AT


def asks(field: str, code: str) -> dict[str, Any]:
    condition = {"field": field, "operator": "not_in", "value": [code], "days": None}
    return {"match": "all", "groups": [{"match": "all", "negated": False, "conditions": [condition]}]}


def two(model: type[Model]) -> list[Any]:
    """A row that a segment will ask for, and one that none does."""
    if model is Tier:
        colors = {"color": "#123456"}
        return [
            Tier.objects.create(code=name, name=name, rank=rank, threshold=rank * 10**6, **colors)
            for name, rank in (("asked", 11), ("free", 12))
        ]
    more: dict[str, Any] = {
        Channel: [{"code": "a", "kind": "kol", "created_at": AT}, {"code": "b", "kind": "kol", "created_at": AT}],
        Category: [{"slug": "a"}, {"slug": "b"}],
    }.get(model, [{}, {}])
    names = ("问到的", "没人问")
    return [model._default_manager.create(name=name, **columns) for name, columns in zip(names, more, strict=True)]


ASKED = [(Tag, "tags"), (Interest, "interests"), (Channel, "brought_by"), (Category, "category"), (Tier, "tier")]


@pytest.mark.parametrize(("model", "field"), ASKED, ids=[field for _, field in ASKED])
def test_it_stays_and_the_page_names_the_segments(model: type[Model], field: str, owner: Client) -> None:
    asked, free = two(model)
    code = asked.code if model is Tier else str(asked.pk)
    Segment.objects.create(name="可营销", created_at=AT, rule=asks(field, code))
    names = f"{model._meta.app_label}_{model._meta.model_name}"
    one = reverse(f"admin:{names}_delete", args=[asked.pk])
    sentence = f"人群「可营销」的条件用到了「{asked}」"
    assert sentence in owner.get(one).content.decode()
    assert sentence in owner.post(one, {"post": "yes"}).content.decode()
    many = {"action": "delete_selected", "_selected_action": [asked.pk, free.pk], "post": "yes"}
    owner.post(reverse(f"admin:{names}_changelist"), many)
    assert model._default_manager.filter(pk__in=[asked.pk, free.pk]).count() == 2
    owner.post(reverse(f"admin:{names}_delete", args=[free.pk]), {"post": "yes"})
    assert list(model._default_manager.filter(pk__in=[asked.pk, free.pk])) == [asked]


def test_a_rule_that_asks_for_what_was_deleted_meanwhile_is_not_saved(owner: Client) -> None:
    interest = Interest.objects.create(name="露营")
    form = {"name": "露营的人", "note": "", "kind": "rule", "rule": json.dumps(asks("interests", str(interest.pk)))}
    Interest.objects.all().delete()
    page = owner.post(reverse("admin:members_segment_add"), form).content.decode()
    assert "「兴趣」里选的有些已经删除，请重新选择" in page
    assert Segment.objects.count() == 0


def test_what_is_no_rule_asks_for_nothing() -> None:
    assert codes_in({}, field="tags") == codes_in(None, field="tags") == frozenset()
