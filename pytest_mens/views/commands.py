"""Where commands stand: workflow steps with their job, gate manifests with their profiles, runbook tables.

Sources: GitHub's workflow syntax (jobs, steps, default shells, matrix), GitLab's `script` keys.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Literal

from pytest_mens.model import UnreadableError
from pytest_mens.views import cargo, cargo_args, cargo_test, clap, handlers, shell, yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pytest_mens.target import Target
    from pytest_mens.views import markdown
    from pytest_mens.views.cargo_args import Invocation
    from pytest_mens.views.cargo_test import Test, TestId
    from pytest_mens.views.handlers import Discarded

Place = Literal["workflow", "manifest", "runbook", "other-ci"]


@dataclass(frozen=True)
class CiLayout:
    """Where a repository keeps its CI; a nested table of a checker's parameters (`ci = {workflows = [...], ...}`).

    `workflows` are globs of the workflows that gate a change. `cli_group` is the group of subcommands of the
    repository's own command line through which CI runs a profile of a gate manifest, named by the option
    `profile_option`: `ci` in `tool ci gate --profile full`.
    """

    workflows: tuple[str, ...]
    cli_group: str = ""
    profile_option: str = "--profile"


@dataclass(frozen=True)
class Command:
    """One command as a shell would run it. `where` names its job and step, profile and step, or row.

    `enforcing` is false for `if: false`, `continue-on-error`, `|| true` and the like. `cwd` is the folder it runs
    in, relative to the target's root, None when unknown. `delegate` is the workflow command through which CI reaches
    a manifest step.
    """

    argv: tuple[str, ...]
    path: str
    line: int
    column: int
    place: Place
    where: tuple[str, ...]
    enforcing: bool = True
    environment: tuple[tuple[str, str], ...] = ()
    cwd: str | None = ""
    loose: str = ""
    """Why it does not enforce."""
    never: bool = False
    """It stands in a job or step that never runs."""
    delegate: Command | None = None
    places: tuple[tuple[int, int], ...] = ()
    """The (line, column) of every word of `argv`."""

    @property
    def text(self) -> str:
        """Give the command as one would type it; what only the running shell knows is `…`."""
        words = (f"'{word}'" if re.search(r"[\s|&;()<>'\"]", word) else word for word in self.argv)
        return " ".join(words).replace(shell.OPAQUE, "…")

    @property
    def runs_tests(self) -> bool:
        """Tell whether it is a Cargo command that runs tests."""
        parsed = self.parsed
        return parsed is not None and bool(parsed.runner) and not parsed.no_run

    @cached_property
    def parsed(self) -> Invocation | None:
        """Give what Cargo would read; None when it is no Cargo command that builds packages."""
        return cargo_args.parse(self.argv)

    def place_of(self, *starts: str) -> tuple[int, int]:
        """Give the (line, column) of the first word that is one of `starts` or begins with it and `=`."""
        for word, place in zip(self.argv, self.places, strict=True):
            if word in starts or word.partition("=")[0] in starts:
                return place
        return (self.line, self.column)


# --- GitHub workflows --------------------------------------------------------------------------------------------

_COMBINATIONS = 64
"""Combinations of a matrix that are told apart; beyond that its values are unknown."""
_NEVER = "never runs"
_ACTIONS = 8
"""Levels of reusable workflows and local actions that are followed."""


def workflow_commands(target: Target, path: str) -> tuple[Command, ...]:
    """Give every command of one GitHub workflow, in order, those that do not enforce included (memoised).

    Reusable workflows and composite actions of the repository are followed.
    """
    memo = target.view(_workflow_memo)
    if path not in memo:
        memo[path] = tuple(_Workflow(target, path, 0).commands())
    return memo[path]


def _workflow_memo(_target: Target) -> dict[str, tuple[Command, ...]]:
    return {}


@dataclass
class _Workflow:
    target: Target
    path: str
    depth: int

    def commands(self) -> Iterator[Command]:
        root = yaml.mapping(yaml.file(self.target, self.path))
        environment = _environment(root.get("env"))
        jobs = yaml.mapping(root.get("jobs"))
        skipped = _skipped_jobs(jobs)
        for name, job in jobs.pairs():
            job = yaml.mapping(job)  # noqa: PLW2901 - the mapping that the node is
            scope = _Scope((name.value,), {**environment, **_environment(job.get("env"))})
            loose = f"the job {_NEVER}" if name.value in skipped else _loose(job, "job")
            scope = replace(scope, defaults=(_run_defaults(root), _run_defaults(job)), loose=loose)
            uses = yaml.scalar(job.get("uses"))
            if uses:
                yield from self.used(uses, scope)
            for values in _matrix(job):
                yield from self.steps(yaml.elements(job.get("steps")), replace(scope, matrix=values))

    def steps(self, steps: Sequence[yaml.Node], scope: _Scope) -> Iterator[Command]:
        for number, node in enumerate(steps, 1):
            step = yaml.mapping(node)
            name = yaml.scalar(step.get("name")) or yaml.scalar(step.get("id")) or f"step {number}"
            environment = {**scope.environment, **_environment(step.get("env"))}
            loose = scope.loose or _loose(step, "step")
            inner = replace(scope, where=(*scope.where, name), loose=loose, environment=environment)
            uses = yaml.scalar(step.get("uses"))
            if uses:
                yield from self.used(uses, inner)
            run = step.get("run")
            if isinstance(run, yaml.Scalar):
                yield from self.script(run, step, inner)

    def used(self, uses: str, scope: _Scope) -> Iterator[Command]:
        """Follow `uses: ./path` to a workflow or a composite action of the repository."""
        if not uses.startswith("./") or self.depth >= _ACTIONS:
            return
        place = posixpath.normpath(uses)
        inner = _Workflow(self.target, place, self.depth + 1)
        if self.target.exists(place):
            for command in inner.commands():
                loose = scope.loose or command.loose
                yield replace(command, where=(*scope.where, *command.where), enforcing=not loose, loose=loose)
            return
        for name in ("action.yml", "action.yaml"):
            inner.path = posixpath.join(place, name)
            if self.target.exists(inner.path):
                runs = yaml.mapping(yaml.mapping(yaml.file(self.target, inner.path)).get("runs"))
                yield from inner.steps(yaml.elements(runs.get("steps")), scope)
                return

    def script(self, run: yaml.Scalar, step: yaml.Mapping, scope: _Scope) -> Iterator[Command]:
        defaults = [*reversed(scope.defaults)]
        given = [yaml.scalar(step.get("shell")), *(yaml.scalar(table.get("shell")) for table in defaults)]
        kind = next((name for name in given if name), "")
        folders = [step.get("working-directory"), *(table.get("working-directory") for table in defaults)]
        folder = next((text for node in folders if (text := yaml.scalar(node))), "")
        options = _ShellOptions(errexit=not kind.strip().endswith("{0}") or " -e" in kind, pipefail=kind == "bash")
        yield from _script_commands(self.path, run, scope, options, folder)


@dataclass(frozen=True)
class _Scope:
    """What surrounds a step: its job, why that does not enforce, variables, and the values of the matrix."""

    where: tuple[str, ...]
    environment: Mapping[str, str]
    loose: str = ""
    matrix: Mapping[str, str] = field(default_factory=dict)
    defaults: tuple[yaml.Mapping, ...] = ()
    place: Place = "workflow"


@dataclass(frozen=True)
class _ShellOptions:
    """How the CI system starts the shell: GitHub's default is `bash -e`, `shell: bash` adds pipefail."""

    errexit: bool = True
    pipefail: bool = False


def _script_commands(
    path: str, run: yaml.Scalar, scope: _Scope, options: _ShellOptions, folder: str
) -> Iterator[Command]:
    """Parse the script of a step; each command gets the place of its first word."""
    script, offsets = _substituted(run, scope)
    try:
        found = shell.commands(script, scope.environment, errexit=options.errexit, pipefail=options.pipefail)
    except ValueError as error:
        raise UnreadableError(path, f"not a shell script that can be followed: {error}") from None
    places = _Places(run)
    for command in found:
        word_places = tuple(places.of(offsets[word.start]) for word in command.words)
        line, column = word_places[0]
        yield Command(
            tuple(word.value for word in command.words),
            path,
            line,
            column,
            scope.place,
            scope.where,
            enforcing=not scope.loose and command.enforcing,
            loose=scope.loose or ("" if command.enforcing else "the script goes on when it fails"),
            never=scope.loose.endswith(_NEVER),
            environment=(*sorted(scope.environment.items()), *command.assignments),
            cwd=_folder(folder, command.cwd),
            places=word_places,
        )


def _folder(base: str, below: str | None) -> str | None:
    if below is None or "${{" in base or base.startswith("/"):
        return None
    joined = posixpath.normpath(posixpath.join(base, below))
    return "" if joined == "." else joined


@dataclass
class _Places:
    """Places in the document of the characters of one scalar."""

    scalar: yaml.Scalar
    _offsets: list[int] | None = None

    def of(self, index: int) -> tuple[int, int]:
        if self._offsets is None:
            self._offsets = self.scalar.offsets()
        offset = self._offsets[index] if index < len(self._offsets) else self.scalar.end
        text = self.scalar.text
        line = self.scalar.line + text.count("\n", self.scalar.start, offset)
        return (line, offset - text.rfind("\n", 0, offset))


_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)


def _substituted(run: yaml.Scalar, scope: _Scope) -> tuple[str, list[int]]:
    """Replace `${{ .. }}`: matrix and environment by their values, all else by one opaque character."""
    parts: list[str] = []
    offsets: list[int] = []
    at = 0
    for match in _EXPRESSION.finditer(run.value):
        parts.append(run.value[at : match.start()])
        offsets.extend(range(at, match.start()))
        space, _, name = match[1].strip().partition(".")
        values = scope.matrix if space == "matrix" else scope.environment if space == "env" else {}
        text = values.get(name, shell.OPAQUE)
        parts.append(text)
        offsets.extend([match.start()] * len(text))
        at = match.end()
    parts.append(run.value[at:])
    offsets.extend(range(at, len(run.value)))
    return "".join(parts), offsets


def _run_defaults(table: yaml.Mapping) -> yaml.Mapping:
    return yaml.mapping(yaml.mapping(table.get("defaults")).get("run"))


def _environment(node: yaml.Node | None) -> dict[str, str]:
    return {
        name.value: value.value if "${{" not in value.value else shell.OPAQUE
        for name, value in yaml.mapping(node).pairs()
        if isinstance(value, yaml.Scalar)
    }


def _loose(table: yaml.Mapping, what: str) -> str:
    """Say why a job or step does not enforce, or nothing."""
    if _is_never(table.get("if")):
        return f"the {what} {_NEVER}"
    return f"the {what} may fail, by `continue-on-error`" if _is_true(table.get("continue-on-error")) else ""


def _is_true(node: yaml.Node | None) -> bool:
    return _expression(node) == "true"


def _expression(node: yaml.Node | None) -> str:
    text = (yaml.scalar(node) or "").strip()
    inside = re.fullmatch(r"\$\{\{(.*)\}\}", text, re.DOTALL)
    return (inside[1] if inside else text).strip()


def _is_never(node: yaml.Node | None) -> bool:
    """Tell whether an `if` can never hold: `false`, or a conjunction with it."""
    return any(part.strip().strip("()").strip() == "false" for part in _expression(node).split("&&"))


def _skipped_jobs(jobs: yaml.Mapping) -> set[str]:
    """Give the jobs that never run: `if: false`, and those that need one of them without asking for more."""
    tables = {name.value: yaml.mapping(job) for name, job in jobs.pairs()}
    skipped = {name for name, job in tables.items() if _is_never(job.get("if"))}
    while True:
        more = {
            name
            for name, job in tables.items()
            if name not in skipped
            and skipped & set(_names(job.get("needs")))
            and not re.search(r"always\(|cancelled\(|failure\(", _expression(job.get("if")))
        }
        if not more:
            return skipped
        skipped |= more


def _names(node: yaml.Node | None) -> list[str]:
    if isinstance(node, yaml.Scalar):
        return [node.value]
    return [name for item in yaml.elements(node) if (name := yaml.scalar(item))]


def _matrix(job: yaml.Mapping) -> list[dict[str, str]]:
    """Give the combinations of the job's matrix, as far as they are written out; one empty one without a matrix."""
    matrix = yaml.mapping(yaml.mapping(job.get("strategy")).get("matrix"))
    axes = {
        name.value: _names(values)
        for name, values in matrix.pairs()
        if name.value not in {"include", "exclude"} and isinstance(values, yaml.Sequence)
    }
    combinations = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())] if axes else []
    for item in yaml.elements(matrix.get("include")):
        extra = {
            name.value: value.value for name, value in yaml.mapping(item).pairs() if isinstance(value, yaml.Scalar)
        }
        fitting = [known for known in combinations if all(known.get(key, text) == text for key, text in extra.items())]
        for known in fitting:
            known.update(extra)
        if not fitting:
            combinations.append(extra)
    return combinations if 0 < len(combinations) <= _COMBINATIONS else [{}]


# --- Other CI systems --------------------------------------------------------------------------------------------

_SCRIPT_KEYS = {"script", "before_script", "after_script", "run", "command", "commands", "bash"}


def other_ci_commands(target: Target, path: str) -> tuple[Command, ...]:
    """Give the commands of another CI system's YAML: what stands under `script`, `run`, `commands` and the like."""
    if yaml.mapping(yaml.file(target, path)).get("jobs") is not None and path.startswith(".github/"):
        return tuple(replace(command, place="other-ci") for command in workflow_commands(target, path))
    return target.file_view(_other_ci, path)


def _other_ci(target: Target, path: str) -> tuple[Command, ...]:
    root = yaml.file(target, path)
    found: list[Command] = []
    stack: list[tuple[yaml.Node, tuple[str, ...]]] = [(root, ())]
    while stack:
        node, where = stack.pop()
        if isinstance(node, yaml.Sequence):
            stack.extend((item, where) for item in reversed(node.items))
        elif isinstance(node, yaml.Mapping):
            for name, value in reversed(node.items):
                if not isinstance(name, yaml.Scalar):
                    continue
                if name.value in _SCRIPT_KEYS:
                    found.extend(_scripts(path, value, where))
                elif isinstance(value, (yaml.Mapping, yaml.Sequence)):
                    stack.append((value, (*where, name.value)))
    return tuple(sorted(found, key=lambda command: (command.line, command.column)))


def _scripts(path: str, node: yaml.Node, where: tuple[str, ...]) -> Iterator[Command]:
    if isinstance(node, yaml.Scalar):
        scope = _Scope(where, {}, place="other-ci")
        yield from _script_commands(path, node, scope, _ShellOptions(pipefail=True), "")
    elif isinstance(node, yaml.Sequence):
        for item in node.items:
            yield from _scripts(path, item, where)


# --- Gate manifests ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Manifest:
    """A gate manifest: `profiles: {name: {steps: [{command, args}]}}`, found by that shape."""

    path: str
    profiles: Mapping[str, tuple[Command, ...]]


def manifests(target: Target) -> tuple[Manifest, ...]:
    """Give every gate manifest of the target, by path (memoised). Files that are no sound YAML are none."""
    return target.view(_manifests)


def _manifests(target: Target) -> tuple[Manifest, ...]:
    return tuple(found for _, found in target.view(_candidates) if isinstance(found, Manifest))


def _candidates(target: Target) -> tuple[tuple[str, Manifest | UnreadableError | None], ...]:
    """Give what looks like a manifest by its bytes, with what it is."""
    paths = target.glob("*.yml", "*.yaml")
    for needle in (b"profiles", b"steps", b"args"):
        paths = tuple(target.containing((needle,), paths))
    found: list[tuple[str, Manifest | UnreadableError | None]] = []
    for path in paths:
        try:
            found.append((path, manifest(target, path)))
        except UnreadableError as error:
            found.append((path, error))
    return tuple(found)


def manifest(target: Target, path: str) -> Manifest | None:
    """Give the manifest at `path`, None when the file has another shape. Raise UnreadableError as `yaml.file` does."""
    return target.file_view(_manifest, path)


def _manifest(target: Target, path: str) -> Manifest | None:
    table = yaml.mapping(yaml.file(target, path)).get("profiles")
    if not isinstance(table, yaml.Mapping):
        return None
    profiles = {}
    shaped = False
    for name, profile in table.pairs():
        steps = yaml.mapping(profile).get("steps")
        if not isinstance(steps, yaml.Sequence):
            continue
        commands = [_step(path, name.value, number, item) for number, item in enumerate(yaml.elements(steps), 1)]
        profiles[name.value] = tuple(command for command in commands if command is not None)
        shaped = shaped or not commands or any(command is not None for command in commands)
    return Manifest(path, profiles) if shaped else None


def _step(path: str, profile: str, number: int, node: yaml.Node) -> Command | None:
    step = yaml.mapping(node)
    arguments = step.get("args")
    if not isinstance(arguments, yaml.Sequence):
        return None
    program = yaml.scalar(step.get("command")) or "cargo"
    items = yaml.elements(arguments)
    argv = (program, *(yaml.scalar(item) or "" for item in items))
    places = ((step.line, step.column), *((item.line, item.column) for item in items))
    return Command(argv, path, step.line, step.column, "manifest", (profile, f"step {number}"), places=places)


# --- Runbooks ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Runbook:
    """A page that tells people which commands to run, in the rows of a table."""

    path: str
    title: str
    commands: tuple[Command, ...]


def runbooks(target: Target, title_words: Sequence[str], minimum: int) -> tuple[Runbook, ...]:
    """Give the pages whose title holds all `title_words` and that have a table with `minimum` `cargo test` spans."""
    from pytest_mens.views import markdown

    found = []
    words = [word.lower() for word in title_words]
    for path in target.containing((b"cargo test", b"cargo nextest"), target.glob("*.md")):
        raw = target.data(path).lower()
        if not all(word.encode() in raw for word in words):
            continue
        page = markdown.page(target, path)
        title = f"{page.title} {page.front_matter.get('title', '')}".lower()
        if all(word in title for word in words):
            commands = tuple(_rows(page, minimum))
            if commands:
                found.append(Runbook(path, page.title, commands))
    return tuple(found)


_TESTING = re.compile(r"\bcargo\s+(?:\+\S+\s+)?(?:test|t|nextest|llvm-cov)\b")
_BAR = "\ue001"
"""Stands for a `|` without spaces, which in a table is meant as part of a filter and not as a pipe."""


def _rows(page: markdown.Page, minimum: int) -> Iterator[Command]:
    for table in page.of("table"):
        cells = [cell for row in table.children for cell in row.children if not cell.header]
        counts: dict[int, int] = {}
        for cell in cells:
            spans = [span for span in cell.inlines if span.kind == "code" and _TESTING.search(span.text)]
            counts[cell.index] = counts.get(cell.index, 0) + len(spans)
        if not counts or sum(counts.values()) < minimum:
            continue
        column = max(counts, key=lambda index: (counts[index], -index))
        for cell in cells:
            if cell.index == column:
                yield from _row_commands(page.path, cell)


def _row_commands(path: str, cell: markdown.Block) -> Iterator[Command]:
    first = cell.siblings[0].plain.text.strip()
    for span in cell.inlines:
        if span.kind != "code":
            continue
        line, column = span.place
        try:
            found = shell.commands(re.sub(r"(?<=\w)\|(?=\w)", _BAR, span.text))
        except ValueError:
            continue
        for command in found:
            argv = tuple(word.value.replace(_BAR, "|") for word in command.words)
            where = (f"row {first}" if first else "row",)
            places = ((line, column),) * len(argv)
            yield Command(argv, path, line, column, "runbook", where, cwd=command.cwd, places=places)


# --- Delegation --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Delegation:
    """A command that runs a profile of a gate manifest through the repository's own command line.

    When the way there is broken, `problem` says how and `problem_place` (path, line, column) where; `steps` are then
    empty. `dropped` are places at which the handler throws the outcome away.
    """

    command: Command
    subcommand: str
    profile: str
    manifest: Manifest | None = None
    steps: tuple[Command, ...] = ()
    problem: str = ""
    problem_place: tuple[str, int, int] = ("", 1, 1)
    dropped: tuple[Discarded, ...] = ()


def delegation(target: Target, layout: CiLayout, command: Command) -> Delegation | None:
    """Give where a command delegates to; None when it is no such command."""
    found = _subcommand(target, layout, command)
    if found is None:
        return _astray(target, layout, command)
    chain, rest = found
    given = _option(rest, layout.profile_option)
    here = (command.path, command.line, command.column)
    if chain[-1].name == layout.cli_group or layout.cli_group in chain[-1].aliases:
        if given is None or not rest or rest[0].startswith("-"):
            return None
        near = cargo_test.nearest(rest[0], [name for known in chain[-1].subcommands for name in known.names])
        what = f"`{layout.cli_group} {rest[0]}` is no subcommand of `{chain[0].name}`{near}"
        return Delegation(command, rest[0], given, problem=what, problem_place=here)
    argument = chain[-1].argument(layout.profile_option)
    profile = given if given is not None else argument.default if argument and argument.takes_value else None
    known = any(profile in gate.profiles for gate in manifests(target))
    if profile is None or (given is None and not known):
        return None
    made = Delegation(command, chain[-1].name, profile, problem_place=here)
    problem = _refused(target, command) or _not_accepted(chain, rest, argument, profile)
    if problem:
        return replace(made, problem=problem)
    return _reached(target, made, chain[-1], explicit=given is not None)


def _refused(target: Target, command: Command) -> str:
    """Say why Cargo refuses to build the program that the command runs, or nothing."""
    if command.parsed is None:
        return ""
    errors = cargo_test.selection(target, command.argv, command.cwd).errors
    return f"cargo refuses it: {errors[0]}" if errors else ""


def _not_accepted(
    chain: Sequence[clap.Command], rest: Sequence[str], argument: clap.Argument | None, profile: str
) -> str:
    """Say why the program does not accept the options it is given, or nothing."""
    trailing = any(known.trailing for known in chain[-1].arguments)
    own = () if trailing else rest[: rest.index("--")] if "--" in rest else rest
    for word in own:
        name = word.partition("=")[0]
        known = name in {"--help", "--version"} or any(command.argument(name) for command in chain)
        if name.startswith("--") and not known:
            return f"`{chain[-1].name}` has no option `{name}`"
    if argument is None or argument.values is None or shell.OPAQUE in profile:
        return ""
    accepted = [name for value in argument.values for name in (value.name, *value.aliases)]
    near = cargo_test.nearest(profile, accepted)
    return "" if profile in accepted else f"`{chain[-1].name}` does not accept the profile `{profile}`{near}"


def _astray(target: Target, layout: CiLayout, command: Command) -> Delegation | None:
    """Give the delegation that a command names a profile for, but that leads to no subcommand at all."""
    profile = _option(command.argv, layout.profile_option)
    if profile is None or not any(profile in gate.profiles for gate in manifests(target)):
        return None
    package, words = cargo_args.program(command.argv)
    own = words[1:] if package is None else words
    made = Delegation(command, "", profile, problem_place=(command.path, command.line, command.column))
    problem = _refused(target, command) if layout.cli_group in words else ""
    if problem:
        return replace(made, problem=problem)
    for root in _roots(target, layout, command):
        found = clap.follow(target, root, (root.name, *own))
        if found.rest and not found.rest[0].startswith("-") and found.chain[-1].subcommands:
            what = f"`{found.rest[0]}` is no subcommand of `{' '.join(known.name for known in found.chain)}`"
            return replace(made, problem=what)
    return None


def _reached(target: Target, made: Delegation, subcommand: clap.Command, *, explicit: bool) -> Delegation | None:
    """Follow a subcommand to the manifest that its handler reads, and there to the profile."""
    behind = handlers.handler(target, subcommand)
    there = [literal for literal in behind.paths if target.exists(literal.value)]
    gates = [gate for literal in there if (gate := manifest(target, literal.value)) is not None]
    if not gates and behind.paths and not there:
        first = behind.paths[0]
        what = f"the manifest `{first.value}` that `{made.subcommand}` reads does not exist"
        return replace(made, problem=what, problem_place=(first.path, first.line, first.column))
    if not gates and behind.idle:
        return replace(made, problem=f"the handler of `{made.subcommand}` does nothing")
    if not gates:
        # the handler does not show what it reads: a manifest that has the profile is the best there is
        gates = [gate for gate in manifests(target) if made.profile in gate.profiles] if explicit else []
    if not gates and explicit:
        # the one that has it may be among those that cannot be read
        unreadable = next((found for _, found in target.view(_candidates) if isinstance(found, UnreadableError)), None)
        if unreadable is not None:
            raise unreadable
    if not gates:
        return None
    gate = gates[0]
    made = replace(made, manifest=gate, dropped=behind.discarded)
    if shell.OPAQUE in made.profile:
        return made
    if made.profile not in gate.profiles:
        near = cargo_test.nearest(made.profile, gate.profiles)
        return replace(made, problem=f"`{gate.path}` has no profile `{made.profile}`{near}")
    loose = made.command.loose or ("the handler drops the outcome" if behind.discarded else "")
    steps = [
        replace(step, enforcing=not loose, loose=loose, delegate=made.command) for step in gate.profiles[made.profile]
    ]
    return replace(made, steps=tuple(steps))


def _subcommand(
    target: Target, layout: CiLayout, command: Command
) -> tuple[tuple[clap.Command, ...], tuple[str, ...]] | None:
    """Give the commands that the words of a command line lead through, and what remains of them."""
    if not layout.cli_group or layout.cli_group not in command.argv[1:]:
        return None
    _, words = cargo_args.program(command.argv)
    if layout.cli_group not in words:
        return None
    words = words[words.index(layout.cli_group) :]
    root = next(_roots(target, layout, command), None)
    if root is None:
        return None
    found = clap.follow(target, root, (root.name, *words))
    return found.chain, found.rest


def _roots(target: Target, layout: CiLayout, command: Command) -> Iterator[clap.Command]:
    """Give the programs with the group of CI's subcommands that the command runs: built by Cargo, or by name."""
    package, words = cargo_args.program(command.argv)
    if package is None:
        name = words[0].rpartition("/")[2].removesuffix(".exe")
        roots = [known for known in clap.programs(target) if known.name == name]
    else:
        workspace = cargo.workspace(target)
        owner = workspace.packages.get(package or next(iter(workspace.default_members), ""))
        places = [(known, workspace.package_of(known.place.path)) for known in clap.programs(target)]
        roots = [known for known, place in places if owner is not None and place == owner]
    return (root for root in roots if root.subcommand(layout.cli_group) is not None)


def _option(words: Sequence[str], name: str) -> str | None:
    for word, following in zip(words, [*words[1:], ""], strict=False):
        if word == name:
            return following
        if word.startswith(name + "="):
            return word.partition("=")[2]
    return None


# --- The CI set --------------------------------------------------------------------------------------------------


def ci_delegations(target: Target, layout: CiLayout) -> tuple[Delegation, ...]:
    """Give every delegation of the workflows that gate a change (memoised)."""
    return _ci(target, layout).delegations


def ci_commands(target: Target, layout: CiLayout) -> tuple[Command, ...]:
    """Give every command that CI runs, those of delegated manifest profiles included, enforcing or not."""
    return _ci(target, layout).commands


def ci_runs(target: Target, layout: CiLayout, test: Test | TestId) -> tuple[Command, ...]:
    """Give the enforcing CI commands that run `test` for sure. Empty when CI never runs it."""
    return tuple(
        command
        for command in ci_commands(target, layout)
        if command.enforcing and command.runs_tests and cargo_test.runs(target, command.argv, test, command.cwd)
    )


@dataclass(frozen=True)
class _Ci:
    commands: tuple[Command, ...]
    delegations: tuple[Delegation, ...]


def _ci(target: Target, layout: CiLayout) -> _Ci:
    memo = target.view(_memo)
    if layout not in memo:
        written = [command for path in target.glob(*layout.workflows) for command in workflow_commands(target, path)]
        found = [made for command in written if (made := delegation(target, layout, command)) is not None]
        steps = [step for made in found for step in made.steps]
        memo[layout] = _Ci((*written, *steps), tuple(found))
    return memo[layout]


def _memo(_target: Target) -> dict[CiLayout, _Ci]:
    return {}
