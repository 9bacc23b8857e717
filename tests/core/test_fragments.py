"""Parts of pages that many see alike are rendered once, from plain values alone."""

from dataclasses import dataclass

import pytest
from django.template import engines
from django.test import RequestFactory

from config.core.fragments import Fragment, Shared, alike


@dataclass(frozen=True, kw_only=True)
class Shelf(Shared):
    names: list[str]


@pytest.fixture
def templates(settings) -> dict[str, str]:
    """Templates that a test writes."""
    written: dict[str, str] = {}
    loaders = [("django.template.loaders.locmem.Loader", written)]
    settings.TEMPLATES = [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "loaders": loaders,
                "context_processors": ["django.template.context_processors.request"],
            },
        }
    ]
    return written


def shown(request, fragment: Fragment) -> str:
    return engines["django"].from_string("<p>{{ part }}</p>").render({"part": fragment}, request)


def test_a_fragment_is_rendered_when_first_shown_and_then_remembered(templates) -> None:
    templates["part.html"] = "{% for name in names %}<b>{{ name }}</b>{% endfor %}"
    names = ["茶", "<i>"]
    fragment = Fragment("part.html", {"names": names})
    request = RequestFactory().get("/")
    assert shown(request, fragment) == "<p><b>茶</b><b>&lt;i&gt;</b></p>"
    names.append("咖啡")
    assert shown(request, fragment) == "<p><b>茶</b><b>&lt;i&gt;</b></p>"
    assert str(Fragment("part.html", {"names": names})) == "<b>茶</b><b>&lt;i&gt;</b><b>咖啡</b>"


def test_no_request_goes_into_a_fragment(templates) -> None:
    templates["part.html"] = "[{{ request.path }}][{{ csrf_token }}][{{ user }}]"
    assert shown(RequestFactory().get("/secret/"), Fragment("part.html", {})) == "<p>[][][]</p>"


def test_what_is_made_of_shared_values_is_made_once_by_name_and_goes_with_them() -> None:
    shelf, same = Shelf(names=["茶"]), Shelf(names=["茶"])
    assert [shelf.once("long", lambda n=n: n) for n in (1, 2)] == [1, 1]
    assert shelf.once("short", lambda: 3) == 3
    assert same.once("long", lambda: 4) == 4
    assert shelf == same


def test_equal_values_share_one_fragment_and_others_have_their_own(templates) -> None:
    templates["count.html"] = "{{ values.number }} 笔"
    one = alike("count.html", {"values": {"number": 1}})
    assert one is alike("count.html", {"values": {"number": 1}})
    assert [str(one), str(alike("count.html", {"values": {"number": 2}}))] == ["1 笔", "2 笔"]
    templates["other.html"] = "{{ values.number }} 件"
    assert str(alike("other.html", {"values": {"number": 1}})) == "1 件"


def test_what_is_no_plain_value_is_not_taken_for_alike() -> None:
    with pytest.raises(TypeError):
        alike("count.html", {"values": object()})
