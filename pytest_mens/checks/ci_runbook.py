"""What CI runs and what the runbook tells people to run select the same tests, and every command selects some."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from pytest_mens.model import Finding, Related, SubjectMissingError
from pytest_mens.views import cargo_test, commands
from pytest_mens.views.commands import CiLayout

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pytest_mens.target import Target
    from pytest_mens.views.cargo_test import Resolution
    from pytest_mens.views.commands import Command, Delegation, Runbook


@dataclass(frozen=True)
class Params:
    """`runbook_title` are words of the runbook's title, `runbook_rows` how many test commands its table has at least.

    A test command written in a workflow itself belongs to the gate when it asks for one of `features` or when its
    step's name holds one of `words`. `other_ci` are globs of files of other CI, which give notes only.
    """

    ci: CiLayout
    runbook_title: tuple[str, ...]
    runbook_rows: int
    features: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    other_ci: tuple[str, ...] = ()


@dataclass
class _Gate:
    """Both sides: what CI runs of the gate, and what the runbooks ask for."""

    target: Target
    params: Params
    books: tuple[Runbook, ...]
    delegations: tuple[Delegation, ...]
    steps: list[Command] = field(default_factory=list)
    rows: list[Command] = field(default_factory=list)
    invoked: list[tuple[Command, Delegation]] = field(default_factory=list)

    def outcome(self, command: Command) -> Resolution:
        return cargo_test.resolve(self.target, command.argv, command.cwd)

    @property
    def documented(self) -> list[Command]:
        """Give what the runbooks cover: their own rows, and the steps of the profiles that rows invoke."""
        return [*self.rows, *(step for _, made in self.invoked for step in made.steps)]


def check(target: Target, params: Params) -> Iterator[Finding]:
    """Judge delegation first; then each command alone; then, when the way from CI to its steps is whole, the sets."""
    gate = _read(target, params)
    if not gate.books and not gate.delegations and not gate.steps and not commands.manifests(target):
        titles = " ".join(params.runbook_title)
        raise SubjectMissingError(f"neither a gate manifest nor a page titled `{titles}` with test commands")
    ways = [*((made, None) for made in gate.delegations), *((made, row) for row, made in gate.invoked)]
    problems = [finding for made, row in ways for finding in _broken(made, row)]
    # one cause, such as a manifest that is gone, breaks several callers: it is said once
    yield from {(finding.path, finding.line, finding.column): finding for finding in reversed(problems)}.values()
    judged: dict[tuple[str, int, int], bool] = {}
    for command in _unique([*gate.steps, *gate.documented]):
        found = list(_alone(gate, command))
        judged[_place(command)] = not found
        yield from found
    if not any(made.problem for made, _ in ways):
        yield from _compared(gate, judged)
    yield from _notes(gate, judged)
    if target.base is not None:
        yield from _changed(gate, _read(target.base, params), judged)


def _read(target: Target, params: Params) -> _Gate:
    books = commands.runbooks(target, params.runbook_title, params.runbook_rows)
    gate = _Gate(target, params, books, commands.ci_delegations(target, params.ci))
    inline = [command for command in commands.ci_commands(target, params.ci) if _is_inline(params, command)]
    gate.steps = _unique([*(step for made in gate.delegations for step in made.steps), *inline])
    for book in books:
        for command in book.commands:
            if command.runs_tests:
                gate.rows.append(command)
                continue
            made = commands.delegation(target, params.ci, command)
            if made is not None:
                gate.invoked.append((command, made))
    return gate


def _is_inline(params: Params, command: Command) -> bool:
    """Tell whether a command of a workflow itself is part of the gate."""
    parsed = command.parsed
    if command.place != "workflow" or parsed is None or not command.runs_tests or parsed.workspace:
        return False
    asked = {feature.rpartition("/")[2] for feature in parsed.features}
    step = command.where[-1].lower()
    return bool(asked & set(params.features)) or any(word.lower() in step for word in params.words)


def _place(command: Command) -> tuple[str, int, int]:
    return (command.path, command.line, command.column)


def _unique(found: Iterable[Command]) -> list[Command]:
    """Drop what stands at the same place: a step reached by two ways is judged once."""
    return list({(_place(command), command.argv): command for command in reversed(list(found))}.values())[::-1]


# --- Delegation --------------------------------------------------------------------------------------------------


def _broken(made: Delegation, row: Command | None = None) -> Iterator[Finding]:
    caller = made.command
    here = Related(caller.path, caller.line, caller.column, f"`{caller.text}`")
    if made.problem:
        path, line, column = made.problem_place
        related = () if path == caller.path and line == caller.line else (here,)
        if made.manifest is not None:
            related = (*related, Related(made.manifest.path, 1, 1, "the manifest"))
        yield Finding(
            path,
            f"`{caller.text}` runs nothing of the gate: {made.problem}",
            line,
            column,
            help="name a subcommand, profile and manifest that exist",
            related=related,
        )
    elif row is None:
        if not caller.enforcing:
            yield Finding(
                caller.path,
                f"the outcome of `{caller.text}` is discarded: {caller.loose}",
                caller.line,
                caller.column,
                help="let the job fail when the gate fails",
            )
        for dropped in made.dropped:
            yield Finding(
                caller.path,
                f"the outcome of the steps behind `{caller.text}` is discarded by `{dropped.text}`",
                caller.line,
                caller.column,
                help="let the handler fail when a step fails",
                related=(Related(dropped.path, dropped.line, dropped.column, "dropped here"),),
            )


# --- One command alone -------------------------------------------------------------------------------------------


def _alone(gate: _Gate, command: Command) -> Iterator[Finding]:
    """Judge what a command is by itself: refused by Cargo, more than one filter, or no test at all."""
    problem = _problem(gate, command)
    if problem:
        message, fix = problem
        related: tuple[Related, ...] = ()
        if command.place == "manifest" and command.delegate is not None:
            caller = command.delegate
            related = (Related(caller.path, caller.line, caller.column, f"runs profile `{command.where[0]}`"),)
        yield Finding(command.path, message, command.line, command.column, help=fix, related=related)


def _problem(gate: _Gate, command: Command) -> tuple[str, str] | None:
    """Give what is wrong with a command and what to do."""
    parsed = command.parsed
    if parsed is None or parsed.opaque:
        return None
    if parsed.runner and parsed.no_run:
        return f"`{command.text}` runs no test: it only builds or lists them", "let it run the tests"
    if not parsed.runner:
        errors = cargo_test.selection(gate.target, command.argv, command.cwd).errors if parsed.packages else ()
        return (f"`{command.text}` is refused by cargo: {errors[0]}", "name what exists") if errors else None
    if len(parsed.filters) > 1 or any("|" in text for text in parsed.filters):
        filters = ", ".join(f"`{text}`" for text in parsed.filters)
        what = "has more than one filter" if len(parsed.filters) > 1 else "has a filter that is meant as alternatives"
        return f"`{command.text}` {what}: {filters}", "write one command for each filter"
    found = gate.outcome(command)
    if not found.known or found.tests or found.maybe:
        return None
    said = cargo_test.outcome(gate.target, command.argv, command.cwd)
    return f"`{command.text}` {said}", "name tests that exist under the command's features, or drop the command"


# --- The sets compared -------------------------------------------------------------------------------------------


def _compared(gate: _Gate, judged: dict[tuple[str, int, int], bool]) -> Iterator[Finding]:
    steps = [command for command in gate.steps if _counts(gate, command)]
    rows = [command for command in gate.rows if _counts(gate, command)]
    documented = [command for command in gate.documented if _counts(gate, command)]
    asked = documented if steps else rows
    if not gate.books:
        if gate.steps:
            yield _undocumented(gate)
        return
    sound_steps = [command for command in steps if judged.get(_place(command), True)]
    for row in _unique(asked):
        if judged.get(_place(row), True) and not any(_same(gate, row, step) for step in sound_steps):
            if row.place == "runbook" and _run_elsewhere(gate, row):
                continue
            yield _unmatched(gate, row, sound_steps, "no step of CI runs the same tests")
    for step in _unique(sound_steps):
        if not _covered(gate, step, documented):
            yield _unmatched(gate, step, rows, "no row of the runbook covers it")


def _counts(gate: _Gate, command: Command) -> bool:
    parsed = command.parsed
    return command.runs_tests and parsed is not None and not parsed.opaque and gate.outcome(command).known


def _same(gate: _Gate, one: Command, other: Command) -> bool:
    """Tell whether two commands run the same tests; names only known in part may be the same."""
    left, right = gate.outcome(one), gate.outcome(other)
    if left.errors or right.errors:
        return False
    if not left.maybe and not right.maybe:
        return left.tests == right.tests
    return left.tests <= right.tests | right.maybe and right.tests <= left.tests | left.maybe


def _covered(gate: _Gate, step: Command, documented: list[Command]) -> bool:
    """Tell whether a documented command runs the step's tests, or several of them together do."""
    if any(_same(gate, step, other) for other in documented):
        return True
    wanted = gate.outcome(step).tests
    parts = (gate.outcome(other).tests for other in documented)
    return wanted <= frozenset().union(*(part for part in parts if part <= wanted))


def _run_elsewhere(gate: _Gate, row: Command) -> bool:
    """Tell whether another command of CI, none of the gate, runs just these tests."""
    own = {_place(step) for step in gate.steps}
    packages = {test.package for test in gate.outcome(row).tests}
    for command in commands.ci_commands(gate.target, gate.params.ci):
        parsed = command.parsed
        if not command.enforcing or parsed is None or parsed.workspace or _place(command) in own:
            continue
        narrow = parsed.filters or parsed.expressions or parsed.targets.named
        if parsed.packages and not any(fnmatchcase(name, spec) for spec in parsed.packages for name in packages):
            continue
        if narrow and _counts(gate, command) and _same(gate, row, command):
            return True
    return False


def _unmatched(gate: _Gate, command: Command, others: list[Command], what: str) -> Finding:
    found = gate.outcome(command)
    near = _nearest(gate, command, others)
    related: tuple[Related, ...] = ()
    if near is not None:
        said = cargo_test.outcome(gate.target, near.argv, near.cwd)
        related = (Related(near.path, near.line, near.column, f"`{near.text}` {said}"),)
    message = f"`{command.text}` runs {cargo_test.described(found.tests or found.maybe)}: {what}"
    fix = "make the runbook and the gate's steps select the same tests"
    return Finding(command.path, message, command.line, command.column, help=fix, related=related)


def _nearest(gate: _Gate, command: Command, others: list[Command]) -> Command | None:
    """Give the command of the other side that is most likely meant: it shares tests, or the filter."""
    wanted = gate.outcome(command).tests
    parsed = command.parsed
    best, best_score = None, 0
    for other in others:
        known = other.parsed
        shared = 2 * len(wanted & gate.outcome(other).tests)
        alike = bool(parsed and known and parsed.filters and set(parsed.filters) & set(known.filters))
        if shared + alike > best_score:
            best, best_score = other, shared + alike
    return best


def _undocumented(gate: _Gate) -> Finding:
    first = gate.steps[0]
    titles = " ".join(gate.params.runbook_title)
    message = (
        f"no page titled `{titles}` with a table of test commands documents the {len(gate.steps)} steps of the gate"
    )
    return Finding(first.path, message, first.line, first.column, help="restore the runbook or its table")


# --- Notes -------------------------------------------------------------------------------------------------------


def _notes(gate: _Gate, judged: dict[tuple[str, int, int], bool]) -> Iterator[Finding]:
    """Note what is wrong in profiles nobody uses, and on the way from other CI systems to the gate."""
    for manifest in commands.manifests(gate.target):
        for steps in manifest.profiles.values():
            for step in steps:
                problem = None if _place(step) in judged else _problem(gate, step)
                if problem:
                    yield Finding(step.path, problem[0], step.line, step.column, help=problem[1], level="note")
    own = set(gate.target.glob(*gate.params.ci.workflows))
    others = gate.target.glob(*gate.params.other_ci) if gate.params.other_ci else ()
    option = gate.params.ci.profile_option.encode()
    for path in gate.target.containing((option,), [path for path in others if path not in own]):
        for command in commands.other_ci_commands(gate.target, path):
            made = commands.delegation(gate.target, gate.params.ci, command)
            if made is not None and made.problem:
                message = f"`{command.text}` runs nothing of the gate: {made.problem}"
                yield Finding(command.path, message, command.line, command.column, level="note")


# --- Change form -------------------------------------------------------------------------------------------------


def _changed(gate: _Gate, before: _Gate, judged: dict[tuple[str, int, int], bool]) -> Iterator[Finding]:
    """Judge steps that the change adds or gives another meaning while the runbook's commands stay as they were."""
    if not gate.books or _asked(gate) != _asked(before):
        return
    known = [before.outcome(step) for step in before.steps if _counts(before, step)]
    spelled = {(step.parsed, step.cwd) for step in before.steps}
    for step in gate.steps:
        if not _counts(gate, step) or (step.parsed, step.cwd) in spelled or not judged.get(_place(step), True):
            continue
        found = gate.outcome(step)
        if any(found.tests == old.tests and found.maybe == old.maybe for old in known):
            continue
        if any(_same(gate, step, row) for row in gate.rows if _counts(gate, row)):
            continue
        book = gate.books[0]
        yield Finding(
            step.path,
            f"the gate now runs `{step.text}` ({cargo_test.described(found.tests or found.maybe)}), "
            "and the change leaves the runbook's commands as they were",
            step.line,
            step.column,
            help="give the runbook a row for it in the same change",
            related=(Related(book.path, book.commands[0].line, 1, "the runbook's table"),),
        )


def _asked(gate: _Gate) -> list[tuple[str, ...]]:
    """Give the commands of the runbooks' tables, the order of rows aside."""
    return sorted(command.argv for book in gate.books for command in book.commands)
