"""Art and icons are chosen from the files that are there, with the chosen one beside the list."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from config.core.admin.picture_choices import ART, ART_NAMES, ICON_NAMES, ICONS
from mall.models import Category
from members.models import Benefit, Tier


@pytest.mark.parametrize(("pattern", "names"), [(ART, ART_NAMES), (ICONS, ICON_NAMES)])
def test_every_offered_picture_is_there_under_a_name_of_its_own(pattern: str, names: dict[str, str]) -> None:
    missing = [name for name in names if not (settings.BASE_DIR / "static" / pattern.format(name)).is_file()]
    assert missing == []
    assert len(set(names.values())) == len(names)


def test_what_the_shop_starts_with_is_offered() -> None:
    assert set(Tier.objects.values_list("art", flat=True)) <= set(ART_NAMES)
    assert set(Benefit.objects.values_list("icon", flat=True)) <= set(ICON_NAMES)


def saved(owner: Client, art: str) -> Any:
    form = {"name": "茶", "slug": "tea", "art": art, "position": 1, "is_visible": "on"}
    return owner.post(reverse("admin:mall_category_add"), form)


def test_the_page_shows_the_chosen_picture(owner: Client) -> None:
    assert saved(owner, "cat-tea").status_code == 302
    page = owner.get(reverse("admin:mall_category_change", args=[Category.objects.get().pk])).content.decode()
    assert 'src="/static/vendor/fluentui-emoji-1.3.0/cat-tea.webp"' in page
    assert 'value="cat-tea" selected data-picture="/static/vendor/fluentui-emoji-1.3.0/cat-tea.webp"' in page


@pytest.mark.parametrize("art", ["", "no-such-picture", "../h5/icon", "cat-tea.webp", "\x00", "<script>", "茶"])
def test_a_picture_that_is_not_there_is_refused(owner: Client, art: str) -> None:
    answer = saved(owner, art)
    assert answer.status_code == 200
    assert list(answer.context["adminform"].form.errors) == ["art"]
    assert Category.objects.count() == 0


def test_a_picture_that_is_there_but_not_on_the_list_stays(owner: Client) -> None:
    category = Category.objects.create(name="茶", slug="tea", art="ghost")
    page = reverse("admin:mall_category_change", args=[category.pk])
    assert '<option value="ghost"' in owner.get(page).content.decode()
    form = {"name": "茶", "slug": "tea", "art": "ghost", "position": 1, "is_visible": "on"}
    assert owner.post(page, form).status_code == 302
    assert '<option value="ghost"' not in owner.get(reverse("admin:mall_category_add")).content.decode()
