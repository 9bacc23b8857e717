"""Member pages open instantly: what every page loads before images stays small, and nothing comes from elsewhere."""

import gzip
import re
from pathlib import Path

import django_htmx

ROOT = Path(__file__).resolve().parents[2]
HTMX = Path(django_htmx.__file__).parent / "static/django_htmx/htmx-2.min.js"
REMOTE = re.compile(r"""(?:src|href|url\()\s*=?\s*["'(]?(?:https?:)?//""")


def gzipped(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9))


def test_styles_and_scripts_of_a_page_weigh_less_than_32_kb_gzipped() -> None:
    assert gzipped(ROOT / "static/h5/h5.css") <= 11_000
    assert gzipped(ROOT / "static/h5/h5.js") <= 3_000
    assert sum(map(gzipped, [ROOT / "static/h5/h5.css", ROOT / "static/h5/h5.js", HTMX])) <= 32_000


def test_no_page_style_or_script_names_another_host() -> None:
    files = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "static/h5").iterdir()]
    named = {str(path.relative_to(ROOT)) for path in files if REMOTE.search(path.read_text())}
    assert named == set()


def test_member_pages_carry_no_inline_script_style_element_or_handler() -> None:
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style\b|\son[a-z]+=", re.IGNORECASE)
    pages = [*(ROOT / "templates/h5").rglob("*.html"), *(ROOT / "templates").glob("*.html")]
    assert {path.name for path in pages if inline.search(path.read_text())} == set()


def test_styles_avoid_what_the_oldest_supported_webviews_lack() -> None:
    styles = re.sub(r"/\*.*?\*/", "", (ROOT / "static/h5/h5.css").read_text(), flags=re.S)
    assert re.findall(r"@layer|@container|color-mix|oklch|:has\(|\b(?:d|s|l)vh\b", styles) == []
