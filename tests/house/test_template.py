"""A migrated database is used again only as long as nothing that it comes from has changed."""

from pathlib import Path

import pytest

from tests.template import made_of


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    for name in ("members/migrations/0001_initial.py", "points/sql/kernel.sql", "config/settings.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("one")
    return tmp_path


def test_the_same_shop_is_known_again_wherever_tests_and_papers_stand(shop: Path) -> None:
    before = made_of(shop)
    (shop / "tests").mkdir()
    (shop / "tests/test_x.py").write_text("new")
    (shop / "points/sql/README.md").write_text("new")
    assert made_of(shop) == before


@pytest.mark.parametrize("name", ["members/migrations/0001_initial.py", "points/sql/kernel.sql", "config/settings.py"])
def test_a_changed_line_of_code_or_sql_is_another_shop(shop: Path, name: str) -> None:
    before = made_of(shop)
    (shop / name).write_text("two")
    assert made_of(shop) != before


def test_a_file_that_is_new_or_named_otherwise_is_another_shop(shop: Path) -> None:
    first = made_of(shop)
    (shop / "members/migrations/0001_initial.py").rename(shop / "members/migrations/0002_initial.py")
    second = made_of(shop)
    (shop / "members/migrations/0001_initial.py").write_text("one")
    assert len({first, second, made_of(shop)}) == 3
