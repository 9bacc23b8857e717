"""The files of tests are run in an order that keeps every worker busy."""

from dataclasses import dataclass, field

from config.embedded.places import ROOT
from tests.order import LONGEST, by_file


@dataclass
class One:
    """What the order looks at in a test."""

    nodeid: str
    fixturenames: list[str] = field(default_factory=list)

    def get_closest_marker(self, name: str) -> None:
        return None


NAMES = [f"{LONGEST[1]}::a", f"{LONGEST[0]}::a", "tests/x.py::a", "tests/y.py::a", "tests/y.py::b"]
TESTS = [One(name, [] if name == "tests/y.py::b" else ["django_db_setup"]) for name in NAMES]
TESTS.append(One("tests/rules.py::a"))


def order(*, are_shared: bool) -> list[str]:
    return [test.nodeid for test in by_file(TESTS, are_shared=are_shared)]  # type: ignore[type-var]


def test_what_needs_no_database_is_first_then_the_longest_then_the_others() -> None:
    long, longest, *others = NAMES
    assert order(are_shared=False) == ["tests/rules.py::a", longest, long, *others]


def test_one_worker_migrates_while_the_others_have_something_to_do() -> None:
    long, longest, *others = NAMES
    assert order(are_shared=True) == [longest, "tests/rules.py::a", long, *others]


def test_the_longest_files_are_there() -> None:
    assert [file for file in LONGEST if not (ROOT / file).is_file()] == []
