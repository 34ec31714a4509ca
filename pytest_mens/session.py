"""The checklist in pytest's terms: one collector per target, one item per entry, and what is reported of each."""

from __future__ import annotations

import difflib
import gc
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_mens import MensNote, __version__, checklist
from pytest_mens.guard import inside_any
from pytest_mens.judge import Verdict, judge
from pytest_mens.report import sarif, terminal
from pytest_mens.report.text import MAX_FINDINGS, clean_line
from pytest_mens.target.opening import Opened, TargetError, open_target

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence

    from _pytest._code.code import ExceptionInfo, TerminalRepr

    from pytest_mens.model import Checker, Entry, Finding

NAME = "mens"
_PREFIX = f"{NAME}::"
_PLUGIN = "pytest_mens.session"
_RESULTS = "mens_results"
"""The attribute of a report that carries SARIF results; xdist sends every attribute of a report."""
_NOTHING: dict[str, Any] = {"results": [], "old": 0}


class CheckFailed(AssertionError):  # noqa: N818 - reporters tell failures from errors by AssertionError
    """An entry has findings."""


class CheckerCrash(Exception):  # noqa: N818 - the word that reports show
    """A defect of a checker."""


@dataclass(frozen=True)
class Subject:
    """One target to judge: how it is labelled in ids (empty when it is the only one), and the opened target."""

    label: str
    opened: Opened


def register(config: pytest.Config) -> None:
    """Load the checklist, open the targets and register the plugin. Raise UsageError for what is not usable."""
    pasted = [argument.removeprefix(_PREFIX) for argument in config.args if argument.startswith(_PREFIX)]
    paths = [argument for argument in config.args if not argument.startswith(_PREFIX)]
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        paths = []
    entries, path = _entries(config)
    _check_output(config)
    subjects = _subjects(config)
    wanted = _wanted(pasted, entries, subjects)
    config.args = paths
    config.args_source = pytest.Config.ArgsSource.ARGS
    config.pluginmanager.register(MensPlugin(config, path, entries, subjects, wanted), _PLUGIN)
    _show_ids_as_they_are(config)


def _show_ids_as_they_are(config: pytest.Config) -> None:
    """Keep `mens::x` what it is where pytest would show `../mens::x`: the working directory is not the rootdir."""
    relative: Callable[[Any], Any] = config.cwd_relative_nodeid  # of strings, in pytest 9.2 of objects of their own

    def shown(nodeid: Any) -> Any:
        return nodeid if str(nodeid).startswith(_PREFIX) else relative(nodeid)

    config.cwd_relative_nodeid = shown  # type: ignore[method-assign]  # no hook of pytest decides what is shown


def _check_output(config: pytest.Config) -> None:
    """Refuse a place for the SARIF log that is none, or that lies in a target: nothing is ever written there."""
    name = config.option.mens_sarif
    if name is None:
        return
    path = config.invocation_params.dir / name
    if not name or path.is_dir():
        raise pytest.UsageError(f"--mens-sarif={clean_line(name)} is no path of a file")
    if not config.option.mens_trust_target and inside_any(path, [Path(repo) for repo in config.option.mens_repo]):
        raise pytest.UsageError(
            f"--mens-sarif={clean_line(name)} lies inside the target, to which nothing is written; "
            "name a file outside it, or pass --mens-trust-target if the target is yours"
        )


def _entries(config: pytest.Config) -> tuple[tuple[Entry, ...], Path]:
    explicit = config.option.mens_checks
    start = config.invocation_params.dir
    repos = [Path(repo) for repo in config.option.mens_repo]
    path = checklist.find(config.rootpath, explicit, start)
    if inside_any(path, repos) and not config.option.mens_trust_target:
        if explicit is not None:
            raise pytest.UsageError(
                f"the checklist {path} lies inside the target, which must not be its own judge; use one outside it"
            )
        path = checklist.shipped()
    extra: dict[str, Checker] = {}
    for brought in config.hook.pytest_mens_checkers():
        extra.update(brought)
    try:
        return checklist.load(path, extra), path
    except checklist.ChecklistError as error:
        raise pytest.UsageError(clean_line(str(error))) from None


def _subjects(config: pytest.Config) -> tuple[Subject, ...]:
    base = config.option.mens_base
    if config.option.mens_new_only and base is None:
        raise pytest.UsageError("--mens-new-only needs --mens-base=REV to know what is old")
    start = config.invocation_params.dir
    wanted = [(repo, rev) for repo in config.option.mens_repo for rev in config.option.mens_rev or [None]]
    opened = []
    for repo, rev in wanted:
        try:
            opened.append(open_target(repo, rev, base, start))
        except TargetError as error:
            raise pytest.UsageError(clean_line(str(error))) from None
    if len(opened) == 1:
        return (Subject("", opened[0]),)
    return tuple(Subject(label, one) for label, one in zip(_labels(opened), opened, strict=True))


def _labels(opened: Iterable[Opened]) -> list[str]:
    """Give each target a distinct label that is safe in a node id."""
    labels: list[str] = []
    for one in opened:
        label = re.sub(r"[^A-Za-z0-9._@~^-]+", "-", one.target.tree.label) or "target"
        number = 2
        unique = label
        while unique in labels:
            unique, number = f"{label}-{number}", number + 1
        labels.append(unique)
    return labels


def _wanted(pasted: Iterable[str], entries: Iterable[Entry], subjects: Iterable[Subject]) -> frozenset[str] | None:
    """Check node ids given as arguments; None when the whole checklist is meant."""
    known = [f"{subject.label}::{entry.id}".removeprefix("::") for subject in subjects for entry in entries]
    wanted = set()
    for id_ in pasted:
        if id_ not in known:
            close = difflib.get_close_matches(id_, known, n=1, cutoff=0.4)
            hint = f"; did you mean {_PREFIX}{close[0]}?" if close else f"; known: {', '.join(known)}"
            raise pytest.UsageError(clean_line(f"there is no entry {_PREFIX}{id_}{hint}"))
        wanted.add(id_)
    return frozenset(wanted) or None


class MensPlugin:
    """What a run with `--mens-repo` does: collect, judge, report. One instance per process."""

    def __init__(
        self,
        config: pytest.Config,
        path: Path,
        entries: tuple[Entry, ...],
        subjects: tuple[Subject, ...],
        wanted: frozenset[str] | None,
    ) -> None:
        self.config = config
        self.path = path
        self.entries = entries
        self.subjects = subjects
        self.wanted = wanted
        self.results: dict[str, dict[str, Any]] = {}
        self.collected: set[str] = set()
        self.internal_error = False
        self._collects = False

    @property
    def is_worker(self) -> bool:
        """Tell whether this process is an xdist worker."""
        return hasattr(self.config, "workerinput")

    def pytest_report_header(self) -> list[str]:
        """Say what is judged, against what, and by which checklist."""
        lines = [f"mens: {clean_line(subject.opened.description)}" for subject in self.subjects]
        checks = os.path.relpath(self.path, self.config.invocation_params.dir)
        lines.append(f"mens: {len(self.entries)} entries of {clean_line(checks)}")
        if self.config.option.mens_base is None:
            offered = os.environ.get("GITHUB_BASE_REF") or os.environ.get("CI_MERGE_REQUEST_DIFF_BASE_SHA")
            if offered:
                lines.append("mens: this is a change, but no --mens-base=REV was given: rules on changes are skipped")
        return lines

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Put the checklist beside whatever else the session collects."""
        report = yield
        if isinstance(collector, pytest.Session) and report.passed:
            checklists = [Checklist.of(collector, self, subject) for subject in self.subjects]
            report.result = [*report.result, *checklists]
        return report

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Remember which entries are to be reported."""
        self.collected.update(item.nodeid for item in session.items if isinstance(item, CheckItem))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Iterable[str]) -> None:
        """Remember, on the controller, which entries the workers are to report."""
        self.collected.update(id_ for id_ in ids if id_.startswith(_PREFIX))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        """Let go of the targets and leave the garbage collector as it was, however the tests end."""
        try:
            return (yield)
        finally:
            for subject in self.subjects:
                subject.opened.target.forget()
            self._resume_collector()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> Generator[None, object, object]:
        """Keep the garbage collector off from one entry to the next.

        It would go through all that views keep, after every entry, to free nothing.
        """
        if isinstance(item, CheckItem):
            self._collects = self._collects or gc.isenabled()
            gc.disable()
        result = yield
        if nextitem is not None and not isinstance(nextitem, CheckItem):
            self._resume_collector()
        return result

    def _resume_collector(self) -> None:
        if self._collects:
            self._collects = False
            gc.enable()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Give the call report what SARIF needs; xdist carries it to the controller."""
        report = yield
        if isinstance(item, CheckItem) and report.when == "call" and item.verdict is not None:
            report.__dict__[_RESULTS] = {"results": item.sarif_results(), "old": item.verdict.old}
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect results, in any order, on whichever process writes the reports."""
        if report.when == "call" and report.nodeid.startswith(_PREFIX):
            self.results[report.nodeid] = getattr(report, _RESULTS, _NOTHING)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Count in one line what --mens-new-only leaves out."""
        old = {id_.removeprefix(_PREFIX): row["old"] for id_, row in sorted(self.results.items()) if row["old"]}
        if old:
            listed = ", ".join(f"{id_} {count}" for id_, count in old.items())
            terminalreporter.write_line(f"mens: {sum(old.values())} findings are as old as the base: {listed}")

    def pytest_internalerror(self) -> None:
        """Remember it: under xdist the exit status can still be 0."""
        self.internal_error = True

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the SARIF log, and make sure that a run which lost a report is not green."""
        if self.is_worker or self.config.option.collectonly or self.config.option.setuponly:
            return
        if self.config.option.mens_sarif:
            self._write_sarif(session)
        lost = self.internal_error or bool(self.collected - self.results.keys())
        if lost and session.exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
            session.exitstatus = pytest.ExitCode.INTERNAL_ERROR

    def _write_sarif(self, session: pytest.Session) -> None:
        runs = []
        for subject in self.subjects:
            prefix = f"{_PREFIX}{subject.label}::" if subject.label else _PREFIX
            selected = [entry for entry in self.entries if self.selects(subject, entry)]
            rows = [row for entry in selected for row in self.results.get(prefix + entry.id, _NOTHING)["results"]]
            properties = {"target": clean_line(subject.opened.target.tree.label)}
            runs.append(sarif.run(selected, rows, __version__, properties))
        path = self.config.invocation_params.dir / self.config.option.mens_sarif
        try:
            sarif.write(path, runs)
        except OSError as error:
            session.exitstatus = pytest.ExitCode.INTERNAL_ERROR
            reporter = self.config.pluginmanager.get_plugin("terminalreporter")
            if reporter is not None:
                reporter.write_line(
                    f"mens: cannot write {clean_line(str(path))}: {clean_line(error.strerror or '')}", red=True
                )

    def selects(self, subject: Subject, entry: Entry) -> bool:
        """Tell whether the arguments name this entry, or none at all."""
        return self.wanted is None or f"{subject.label}::{entry.id}".removeprefix("::") in self.wanted


class Checklist(pytest.Collector):
    """The entries of the checklist for one target. Not a File: `--lf` would drop it, since no such file is on disk."""

    plugin: MensPlugin
    subject: Subject

    @classmethod
    def of(cls, parent: pytest.Session, plugin: MensPlugin, subject: Subject) -> Checklist:
        """Make the collector of one target; its node id is `mens` or `mens::<label>`."""
        name = f"{_PREFIX}{subject.label}" if subject.label else NAME
        self: Checklist = cls.from_parent(parent, name=name, nodeid=name, path=plugin.path)
        self.plugin = plugin
        self.subject = subject
        return self

    def collect(self) -> Iterable[CheckItem]:
        """Give an item per entry, in the order of the checklist."""
        for entry in self.plugin.entries:
            if self.plugin.selects(self.subject, entry):
                yield CheckItem.of(self, entry)


class CheckItem(pytest.Item):
    """One entry, judged against one target."""

    entry: Entry
    subject: Subject
    verdict: Verdict | None = None

    @classmethod
    def of(cls, parent: Checklist, entry: Entry) -> CheckItem:
        """Make the item of `entry`, with its marker and the words that `-k` finds it by."""
        self: CheckItem = cls.from_parent(parent, name=entry.id)
        self.entry = entry
        self.subject = parent.subject
        self.add_marker(pytest.mark.mens(section=entry.slug, id=entry.id))
        self.extra_keyword_matches.update({entry.slug, entry.checker, *entry.symbols})
        return self

    def runtest(self) -> None:
        """Judge the entry; fail, skip or warn as the verdict says."""
        target = self.subject.opened.target
        verdict = self.verdict = judge(self.entry, target, new_only=self.config.option.mens_new_only)
        self.user_properties = [*self.user_properties, *self._properties(verdict)]
        raised = self._warn(verdict.notes)
        if verdict.crash is not None:
            raise CheckerCrash(self.entry.id) from verdict.crash
        if verdict.outcome == "skipped":
            raise pytest.skip.Exception(clean_line(verdict.reason), _use_item_location=True)
        if verdict.findings:
            raise CheckFailed(terminal.summary(verdict.findings, self._places()))
        if raised is not None:
            raise raised

    def _warn(self, notes: Sequence[Finding]) -> MensNote | None:
        """Issue the notes as warnings; give the first that the user's filters make an error."""
        raised = None
        for note in notes[:MAX_FINDINGS]:
            try:
                self.warn(MensNote(terminal.summary([note], self._places())))
            except MensNote as error:
                raised = raised or error
        return raised

    def _properties(self, verdict: Verdict) -> list[tuple[str, object]]:
        listed = [
            ("mens.finding", clean_line(f"{finding.path}:{finding.line}:{finding.column}: {finding.message}"))
            for finding in verdict.findings[:MAX_FINDINGS]
        ]
        return [
            ("mens.section", self.entry.slug),
            ("mens.checker", self.entry.checker),
            ("mens.target", clean_line(self.subject.opened.target.tree.label)),
            *([("mens.old", str(verdict.old))] if verdict.old else []),
            *listed,
        ]

    def sarif_results(self) -> list[dict[str, Any]]:
        """Give the findings and notes of the verdict as SARIF results."""
        if self.verdict is None:
            return []
        both = [*self.verdict.findings, *self.verdict.notes]
        return sarif.results(self.entry, both, self.subject.opened.target)

    def _places(self) -> terminal.Places:
        opened = self.subject.opened
        return terminal.Places(opened.target, opened.root, self.config.invocation_params.dir)

    def repr_failure(self, excinfo: ExceptionInfo[BaseException], style: Any = None) -> str | TerminalRepr:
        """Show findings as blocks, a crash as one line, anything else as pytest does."""
        chosen = style or self.config.getoption("tbstyle", "auto")
        if isinstance(excinfo.value, CheckFailed) and self.verdict is not None:
            return terminal.represent(self.entry, self.verdict.findings, self._places(), chosen)
        if isinstance(excinfo.value, MensNote) and self.verdict is not None:
            return terminal.represent(self.entry, self.verdict.notes, self._places(), chosen)
        if isinstance(excinfo.value, CheckerCrash) and self.verdict is not None and self.verdict.crash is not None:
            return terminal.crash(self.entry, self.verdict.crash, debug=self.config.option.mens_debug)
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[os.PathLike[str] | str, int | None, str]:
        """Say where the check is: its table in the checklist."""
        return self.path, self.entry.line - 1, self.nodeid.removeprefix(_PREFIX)
