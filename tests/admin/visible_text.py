"""What a person reads on a page."""

import re
from html.parser import HTMLParser

_UNSEEN = {"script", "style", "template", "svg", "textarea", "noscript", "head"}
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class _Reader(HTMLParser):
    """Collects text outside scripts, styles, icons and what Alpine puts in later, and the placeholders of inputs."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self.texts.append(named.get("placeholder") or "")
        if tag in _VOID:
            return
        is_icon = "material-symbols-outlined" in (named.get("class") or "")
        if self.hidden or is_icon or tag in _UNSEEN:
            self.hidden.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.hidden:
            while self.hidden.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.texts.append(data)


def visible_text(html: str) -> str:
    """The page's text, one piece a line."""
    reader = _Reader()
    reader.feed(html)
    return "\n".join(text.strip() for text in reader.texts if text.strip())


def latin_words(html: str) -> list[str]:
    """Words in Latin letters, with what hangs on them: mall.OrderPaid, order:88, SKU-1."""
    return re.findall(r"[A-Za-z][\w:.'-]*", visible_text(html))
