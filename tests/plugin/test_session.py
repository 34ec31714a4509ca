"""What a run leaves behind for the tests beside it: the garbage collector as it was, and no target in memory."""

from __future__ import annotations

import re

import pytest

WATCH = """\
import gc

import pytest

from pytest_mens.target import Target


def pytest_collection_modifyitems(items):
    items.reverse()  # the checklist first


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    print("during", item.name, gc.isenabled())
    return (yield)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure():
    kept = [one for one in gc.get_objects() if isinstance(one, Target) and (one._data or one._views)]
    print("after", gc.isenabled(), len(kept))
"""


@pytest.fixture
def watched(run, pytester: pytest.Pytester):
    """Run the checklist and then a test of one's own, and give the lines that tell of the collector."""
    pytester.makeconftest(WATCH)
    pytester.makepyfile(test_own="def test_own():\n    pass")

    def lines(*arguments: str) -> list[str]:
        return re.findall(
            r"(?:during|after) (?:\S+ )?(?:True|False).*", run("-s", "test_own.py", *arguments).stdout.str()
        )

    return lines


def test_the_collector_rests_while_entries_are_judged(watched) -> None:
    assert watched() == [
        "during no-logs False",
        "during has-readme False",
        "during no-tabs False",
        "during test_own True",
        "after True 0",
    ]


def test_the_collector_is_left_on_when_the_first_failure_ends_the_run(watched) -> None:
    assert watched("-x")[-2:] == ["during no-tabs False", "after True 0"]


def test_a_collector_that_was_off_stays_off(watched, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(conftest=f"import gc\ngc.disable()\n{WATCH}")
    assert watched()[-2:] == ["during test_own False", "after False 0"]
