"""Every page of the URLconf in a real browser: whole, readable, reached by keyboard, light to load, in both themes."""

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from playwright.sync_api import Browser, Page

from tests.browser.conftest import phone_page
from tests.browser.plan_scenes import with_plans
from tests.browser.scenes import World, log_in, the_world, with_notice

SIZES = [(390, 844), (360, 640)]
THEMES = ["light", "dark"]
HEAVIEST = 60_000
NOT_PAGES = ("admin/", "api/", "^api/", "media/", "theme.css")

BOTH, MEMBER, VISITOR = ("member", "visitor"), ("member",), ("visitor",)
Reach = Callable[[World], str]


def _plain(name: str) -> Reach:
    return lambda world: reverse(name)


def _order(name: str, state: str) -> Reach:
    return lambda world: reverse(name, args=[world.orders[state].number])


def _one(name: str, query: str = "") -> Reach:
    return lambda world: f"{reverse('mall:checkout')}?sku={world.sku.pk}&quantity=1{query}"


# name of the URL → who opens it, and how it is reached
PAGES: dict[str, tuple[tuple[str, ...], Reach]] = {
    "mall:home": (BOTH, _plain("mall:home")),
    "mall:feed": (BOTH, _plain("mall:feed")),
    "mall:category": (VISITOR, _plain("mall:category")),
    "mall:category-detail": (BOTH, lambda world: reverse("mall:category-detail", args=["tea"])),
    "mall:search": (BOTH, lambda world: reverse("mall:search") + "?q=礼盒"),
    "mall:product": (BOTH, lambda world: reverse("mall:product", args=[world.sku.product_id])),
    "mall:points-mall": (BOTH, _plain("mall:points-mall")),
    "mall:reward": (BOTH, lambda world: reverse("mall:reward", args=[world.reward.product_id])),
    "mall:redeem": (
        MEMBER,
        lambda w: reverse("mall:redeem", args=[w.reward.product_id]) + f"?sku={w.reward.pk}&quantity=1",
    ),
    "mall:cart": (MEMBER, _plain("mall:cart")),
    "mall:checkout": (MEMBER, _plain("mall:checkout")),
    "mall:orders": (MEMBER, _plain("mall:orders")),
    "mall:order": (MEMBER, _order("mall:order", "shipped")),
    "mall:cashier": (MEMBER, _order("mall:cashier", "created")),
    "mall:pay-result": (MEMBER, _order("mall:pay-result", "paid")),
    "mall:member-centre": (BOTH, _plain("mall:member-centre")),
    "members:login": (VISITOR, _plain("members:login")),
    "members:password-login": (VISITOR, _plain("members:password-login")),
    "members:password": (MEMBER, _plain("members:password")),
    "members:devices": (MEMBER, _plain("members:devices")),
    "members:till-code": (MEMBER, _plain("members:till-code")),
    "members:dev-inbox": (VISITOR, _plain("members:dev-inbox")),
    "members:statement": (MEMBER, _plain("members:statement")),
    "members:lapsing": (MEMBER, _plain("members:lapsing")),
    "members:entry": (MEMBER, lambda world: reverse("members:entry", args=[world.receipt.points_entry_id])),
    "members:addresses": (MEMBER, _plain("members:addresses")),
    "members:address-new": (MEMBER, _plain("members:address-new")),
    "members:address-edit": (MEMBER, lambda world: reverse("members:address-edit", args=[world.address_id])),
    "members:invite": (MEMBER, _plain("members:invite")),
    "members:invited": (BOTH, lambda world: reverse("members:invited", args=[world.invite_code])),
    "members:benefits": (MEMBER, _plain("members:benefits")),
    "members:plans": (BOTH, lambda world: with_plans(world, "members:plans")),
    "members:membership": (MEMBER, lambda world: with_plans(world, "members:membership")),
    "members:gift-card": (MEMBER, _plain("members:gift-card")),
    "mall:plan-buy": (MEMBER, lambda world: with_plans(world, "mall:plan-buy")),
    "mall:fee-refund": (MEMBER, lambda world: with_plans(world, "mall:fee-refund")),
    "members:messages": (MEMBER, _plain("members:messages")),
    "members:message": (
        MEMBER,
        lambda world: reverse("members:message", args=[world.member.messages.latest("pk").pk]),
    ),
    "members:message-settings": (MEMBER, _plain("members:message-settings")),
    "members:message-email-confirm": (VISITOR, lambda world: reverse("members:message-email-confirm", args=["x"])),
    "members:profile": (MEMBER, _plain("members:profile")),
    "members:avatar": (MEMBER, _plain("members:avatar")),
    "members:privacy": (MEMBER, _plain("members:privacy")),
    "members:privacy-notice": (BOTH, lambda world: with_notice(world, "members:privacy-notice")),
    "members:consent": (MEMBER, lambda world: with_notice(world, "members:consent")),
    "members:closing": (MEMBER, _plain("members:closing")),
    "campaigns:check-in": (MEMBER, _plain("campaigns:check-in")),
    "campaigns:receipt": (MEMBER, lambda world: reverse("campaigns:receipt", args=[world.receipt.pk])),
    "campaigns:receipt-of-entry": (
        MEMBER,
        lambda world: reverse("campaigns:receipt-of-entry", args=[world.receipt.points_entry_id]),
    ),
}
PARTS = {"members:address-regions", "members:invite-poster"}  # what htmx puts into a page
ACTIONS = {  # only posted to
    "mall:cart-add",
    "mall:cart-add-one",
    "mall:cart-select",
    "mall:cart-line",
    "mall:buy-now",
    "mall:order-cancel",
    "mall:order-confirm",
    "mall:sandbox-pay",
    "mall:theme",
    "members:login-code",
    "members:logout",
    "members:messages-read",
    "members:message-email",
    "members:password-code",
    "members:device-end",
    "members:devices-end-others",
    "members:identity-unbind",
    "members:copy-ask",
    "members:closing-take-back",
    "members:address-delete",
    "members:address-default",
    "members:share",
    "members:plan-trial",
}
# a file (tests/members/test_privacy.py); lead on: to WeChat and back (tests/members/test_wechat_pages.py), to the page
# shared (tests/members/invitations)
PASSAGES = {"members:copy-download", "members:wechat", "members:wechat-back", "members:shared"}


def _names(patterns: Any, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if str(pattern.pattern).startswith(NOT_PAGES) and not space:
            continue
        if isinstance(pattern, URLResolver):
            inner = f"{pattern.namespace}:" if pattern.namespace else space
            yield from _names(pattern.url_patterns, inner)
        else:
            yield f"{space}{pattern.name}", pattern


URLS = dict(_names(get_resolver().url_patterns))


def test_every_url_is_a_page_a_part_or_an_action() -> None:
    assert set(URLS) == set(PAGES) | PARTS | ACTIONS | PASSAGES


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_actions_are_never_opened(name: str) -> None:
    kinds = {"slug": "tea", "int": 1, "str": "1"}
    wanted = {key: kinds[_kind(converter)] for key, converter in URLS[name].pattern.converters.items()}
    assert Client().get(reverse(name, kwargs=wanted)).status_code == 405


def _kind(converter: object) -> str:
    return {"IntConverter": "int", "SlugConverter": "slug"}.get(type(converter).__name__, "str")


AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}
WALK = """() => {
  const shown = e => e.checkVisibility({visibilityProperty: true});
  const groups = new Map();
  const stops = [...document.querySelectorAll('a[href],button,input,select,textarea,[tabindex]')]
    .filter(e => !e.disabled && e.type !== 'hidden' && e.tabIndex >= 0 && shown(e))
    .filter(e => {
      if (e.type !== 'radio') return true;
      const key = e.name + (e.form ? e.form.id : '');
      const all = [...document.getElementsByName(e.name)].filter(r => r.form === e.form && !r.disabled);
      return e === (all.find(r => r.checked) || all[0]);
    });
  const look = x => x ? [getComputedStyle(x).outlineStyle, getComputedStyle(x).boxShadow].join() : '';
  const around = e => [e, e.nextElementSibling, e.closest('.in')].map(look).join('|');
  const before = new Map(stops.map(e => [e, around(e)]));
  window.walk = {stops, seen: [], dim: []};
  document.addEventListener('focusin', event => {
    if (!window.walk.seen.includes(event.target)) window.walk.seen.push(event.target);
    if (before.get(event.target) === around(event.target)) window.walk.dim.push(event.target.outerHTML.slice(0, 90));
  });
  if (document.activeElement) document.activeElement.blur();
  return stops.length;
}"""
# htmx replaces the link to more goods as soon as it is scrolled to; that one may be gone, and no other
WALKED = """() => {
  const {seen, dim} = window.walk, short = e => e.outerHTML.slice(0, 90);
  const replaced = e => !e.isConnected && e.closest('[hx-trigger=revealed]');
  const stops = window.walk.stops.filter(e => seen.includes(e) || !replaced(e));
  const order = seen.filter(e => stops.includes(e));
  const start = stops.indexOf(order[0]);
  const sane = order.every((e, i) => e === stops[(start + i) % stops.length]);
  return {missed: stops.filter(e => !seen.includes(e)).map(short), dim: [...new Set(dim)],
          order: sane ? [] : order.map(short)};
}"""
# a list that loads more while it is walked through puts that much more between the reader and the page's end
GROWN = """() => {
  const {stops, seen} = window.walk;
  const before = window.walk.reached || 0;
  window.walk.reached = seen.length;
  return seen.length > before && stops.some(e => e.isConnected && !seen.includes(e)) ? 12 : 0;
}"""
# how much of the page around a control's middle answers for it; a link within a sentence is as high as its line, and a
# name as low as it likes below a picture that leads to the same page
SMALL = """() => {
  const high = e => e.getBoundingClientRect().height;
  const pictured = e => [...document.links].some(one => one !== e && one.href === e.href && high(one) >= 44);
  const text = e => e.innerText.trim(), style = e => getComputedStyle(e).display;
  const inSentence = e => e.matches('a') && style(e) === 'inline' && text(e.parentElement) !== text(e);
  const labels = e => [...(e.labels || []), e.closest('.in')].filter(Boolean);
  const small = [...document.querySelectorAll('a[href],button,input,select,textarea')]
    .filter(e => !e.disabled && e.type !== 'hidden' && e.tabIndex >= 0 && !inSentence(e) && !pictured(e))
    .filter(e => e.checkVisibility({visibilityProperty: true})).filter(e => {
      e.scrollIntoView({block: 'center'});
      const box = e.getBoundingClientRect(), x = box.left + box.width / 2, y = box.top + box.height / 2;
      const owns = dy => { const hit = document.elementFromPoint(x, y + dy);
        return hit && [e, ...labels(e)].some(one => one.contains(hit)); };
      let reach = 0;
      for (const way of [-1, 1]) for (let dy = 0.5; dy < 22 && owns(way * dy); dy += 0.5) reach += 0.5;
      return reach < 42;
    });
  scrollTo(0, 0);
  return small.map(e => e.outerHTML.slice(0, 90));
}"""
FILES = "[...document.querySelectorAll('link[rel=stylesheet],script[src]')].map(e => e.href || e.src)"
TEXT = "url => fetch(url).then(answer => answer.text())"


@dataclass
class Inspector:
    """Looks at one page after the other and notes what is wrong with each."""

    page: Page
    complaints: list[str]
    found: list[str] = field(default_factory=list)
    weights: dict[str, int] = field(default_factory=dict)

    def look_at(self, label: str, path: str) -> None:
        """Load the page once, then see it in both themes on both sizes, and walk through it by keyboard."""
        self.page.set_viewport_size({"width": 390, "height": 844})
        self.page.emulate_media(color_scheme="light", reduced_motion="reduce")
        answer = self.page.goto(path)
        assert answer is not None
        self._note(label, [f"status {answer.status}"] if answer.status != 200 else [])
        self._note(label, [] if self.page.locator("h1").count() == 1 else ["not one h1"])
        self._note(label, self._weight(answer.body()))
        self._note(label, [f"small {html}" for html in self.page.evaluate(SMALL)])
        self._note(label, self._walk())
        self.page.evaluate(AXE.read_text())
        for width, height in SIZES:
            self.page.set_viewport_size({"width": width, "height": height})
            for theme in THEMES:
                self.page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
                self.page.evaluate(
                    "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
                )
                self._note(f"{label} {width} {theme}", self._overflow(width) + self._axe())
        self._note(label, self.complaints)
        self.complaints.clear()

    def _note(self, label: str, sentences: list[str]) -> None:
        self.found += [f"{label}: {sentence}" for sentence in sentences]

    def _axe(self) -> list[str]:
        found = self.page.evaluate("rules => axe.run(document, rules)", RULES)
        return [f"{rule['id']} {node['html'][:120]}" for rule in found["violations"] for node in rule["nodes"]]

    def _overflow(self, width: int) -> list[str]:
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        return [f"{wide} wide"] if wide > width else []

    def _weight(self, html: bytes) -> list[str]:
        whole = len(gzip.compress(html)) + sum(map(self._weight_of, self.page.evaluate(FILES)))
        return [f"weighs {whole}"] if whole > HEAVIEST else []

    def _weight_of(self, url: str) -> int:
        if url not in self.weights:
            self.weights[url] = len(gzip.compress(self.page.evaluate(TEXT, url).encode()))
        return self.weights[url]

    def _walk(self) -> list[str]:
        """Tab through the page: every control is reached, in the page's order, and shows that it is."""
        presses = self.page.evaluate(WALK) + 8
        while presses > 0:
            for _ in range(presses):
                self.page.keyboard.press("Tab")
            presses = self.page.evaluate(GROWN)
        walked = self.page.evaluate(WALKED)
        return [f"{what} {html}" for what, all_html in walked.items() for html in all_html]


def test_every_page_is_whole_on_every_phone_and_in_both_themes(browser: Browser, shop: None, live_server: Any) -> None:
    world, found = the_world(), list[str]()
    for viewer in BOTH:
        with phone_page(browser, live_server.url) as (page, complaints):
            if viewer == "member":
                log_in(page.context, world.member, live_server.url)
            inspector = Inspector(page=page, complaints=complaints)
            for name, (viewers, reach) in PAGES.items():
                if viewer in viewers:
                    inspector.look_at(f"{name} as {viewer}", reach(world))
            found += inspector.found
    assert not found, "\n".join(found)
