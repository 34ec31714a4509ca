"""One entry against one target: from a checker's findings to a verdict, whatever the checker does."""

from __future__ import annotations

import contextlib
import signal
import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from pytest_mens.model import BaseRequiredError, Entry, Finding, SubjectMissingError, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from pytest_mens.target import Target

ITEM_SECONDS = 30.0
"""How long one entry may take."""

Outcome = Literal["passed", "failed", "skipped", "crashed"]


@dataclass(frozen=True)
class Verdict:
    """What became of one entry. Findings and notes are sorted and without duplicates.

    `reason` says why it was skipped. `crash` is the exception of a defect of ours. `old` counts the findings that
    the base has too, when only new ones count.
    """

    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    notes: tuple[Finding, ...] = ()
    reason: str = ""
    crash: Exception | None = field(default=None, compare=False)
    old: int = 0


class _DeadlineError(Exception):
    """The entry took longer than it may."""


def judge(entry: Entry, target: Target, *, new_only: bool = False) -> Verdict:
    """Run the entry's checker on `target`. Never raises for what the target holds or for a defect of a checker.

    With `new_only` the entry is judged on the base as well, and what the base has too is counted but does not fail it.
    """
    verdict = _judge(entry, target)
    if not new_only or target.base is None or not (verdict.findings or verdict.notes):
        return verdict
    before = _judge(entry, target.base)
    if before.crash is not None:
        return before
    from pytest_mens.target.change import new_findings

    findings, old = new_findings(verdict.findings, before.findings, target.change)
    notes, _ = new_findings(verdict.notes, before.notes, target.change)
    outcome = verdict.outcome if verdict.crash is not None or findings or verdict.outcome == "skipped" else "passed"
    return replace(verdict, outcome=outcome, findings=tuple(findings), notes=tuple(notes), old=len(old))


def _judge(entry: Entry, target: Target) -> Verdict:
    found: list[Finding] = []
    try:
        with _deadline(ITEM_SECONDS):
            found.extend(entry.check(target, entry.params))
    except SubjectMissingError as error:
        if obstacle := target.obstacle(error.path):
            found = [unreadable(obstacle)]  # it is not missing, it cannot be reached
        elif entry.missing == "skip":
            return Verdict("skipped", reason=error.reason)
        else:
            found = [Finding(error.path, error.reason, error.line, error.column, help=error.help)]
    except BaseRequiredError:
        return Verdict("skipped", reason="judges a change; give the revision to compare with as --mens-base=REV")
    except UnreadableError as error:
        found.append(unreadable(error))
    except _DeadlineError:
        found.append(unreadable(UnreadableError(target.last_read, f"took longer than {ITEM_SECONDS:.0f} s")))
    except Exception as error:  # noqa: BLE001 - a crash fails this entry alone and is reported as ours
        return Verdict("crashed", crash=error)
    ordered = sorted(set(found), key=Finding.sort_key)
    findings = tuple(finding for finding in ordered if finding.level == "error")
    notes = tuple(finding for finding in ordered if finding.level == "note")
    return Verdict("failed" if findings else "passed", findings, notes)


def unreadable(error: UnreadableError) -> Finding:
    """Give the finding that stands for a file which could not be used."""
    return Finding(error.path, str(error), help="the entry cannot be judged without this file; make it readable")


@contextlib.contextmanager
def _deadline(seconds: float) -> Iterator[None]:
    """Raise _DeadlineError in the body after `seconds`, where the platform has timers and nobody else uses them."""
    usable = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    if not usable or signal.getitimer(signal.ITIMER_REAL) != (0.0, 0.0):
        yield
        return

    def expire(_signal: int, _frame: FrameType | None) -> None:
        raise _DeadlineError

    previous = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
