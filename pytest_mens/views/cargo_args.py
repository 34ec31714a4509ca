"""Cargo command lines: what `cargo test`, `cargo nextest run` and `cargo llvm-cov` would be asked to do.

Sources: `cargo test --help` of Cargo 1.95, libtest's `--help`, the reference pages of cargo-nextest and cargo-llvm-cov.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from pytest_mens.views.shell import OPAQUE

if TYPE_CHECKING:
    from collections.abc import Sequence

Ignored = Literal["no", "only", "all"]


@dataclass(frozen=True)
class Targets:
    """The target selection flags. Nothing given means Cargo's default set."""

    lib: bool = False
    bins: bool = False
    tests: bool = False
    examples: bool = False
    benches: bool = False
    all_targets: bool = False
    doc: bool = False
    named: tuple[tuple[str, str], ...] = ()
    """(kind, name or glob) of `--bin`, `--test`, `--example`, `--bench`, in order."""

    @property
    def default(self) -> bool:
        """Tell whether no flag selects targets."""
        return self == Targets()


@dataclass(frozen=True)
class Invocation:
    """One parsed command line. `runner` is who runs tests: libtest, nextest, or nobody (`cargo check` and the like).

    `errors` are those the tools would give for the line as such. `opaque` holds when a part that matters is only
    known to the running shell, or an option is not known here: the tests cannot be told.
    """

    runner: Literal["libtest", "nextest", ""]
    subcommand: str
    packages: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    workspace: bool = False
    features: tuple[str, ...] = ()
    all_features: bool = False
    default_features: bool = True
    targets: Targets = Targets()
    filters: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    exact: bool = False
    ignored: Ignored = "no"
    expressions: tuple[str, ...] = ()
    profile: str = "default"
    default_filter: bool = True
    release: bool = False
    manifest_path: str | None = None
    no_run: bool = False
    errors: tuple[str, ...] = ()
    opaque: bool = False


_VALUES = {
    "--package", "--features", "--exclude", "--bin", "--test", "--example", "--bench", "--profile", "--target",
    "--target-dir", "--manifest-path", "--lockfile-path", "--jobs", "--message-format", "--color", "--config",
    "--artifact-dir", "--out-dir", "-Z", "-C",
}  # fmt: skip
_FLAGS = {
    "--lib", "--bins", "--tests", "--examples", "--benches", "--all-targets", "--doc", "--workspace", "--all",
    "--all-features", "--no-default-features", "--no-run", "--no-fail-fast", "--release", "--quiet", "--verbose",
    "--frozen", "--locked", "--offline", "--keep-going", "--ignore-rust-version", "--future-incompat-report",
    "--unit-graph", "--build-plan", "--timings", "--help", "--version",
}  # fmt: skip
_SHORT = {
    "-p": "--package", "-F": "--features", "-j": "--jobs", "-q": "--quiet", "-v": "--verbose", "-r": "--release",
    "-h": "--help", "-V": "--version",
}  # fmt: skip
_NEXTEST_VALUES = {
    "--filter-expr", "--filterset", "--run-ignored", "--partition", "--platform-filter", "--test-threads",
    "--build-jobs", "--cargo-profile", "--retries", "--max-fail", "--failure-output", "--success-output",
    "--status-level", "--final-status-level", "--message-format-version", "--archive-file", "--archive-format",
    "--extract-to", "--cargo-metadata", "--workspace-remap", "--target-dir-remap", "--binaries-metadata",
    "--config-file", "--tool-config-file", "--user-config-file", "--no-tests", "--show-progress",
    "--max-progress-running", "--debugger", "--tracer", "--stress-count", "--stress-duration",
    "--cargo-message-format", "--flaky-result", "--output-path",
}  # fmt: skip
_NEXTEST_FLAGS = {
    "--no-capture", "--nocapture", "--fail-fast", "--ff", "--nff", "--hide-progress-bar", "--no-output-indent",
    "--no-input-handler", "--ignore-default-filter", "--override-version-check", "--extract-overwrite",
    "--persist-extract-tempdir", "--cargo-quiet", "--cargo-verbose",
}  # fmt: skip
_RUN_IGNORED: dict[str, Ignored] = {"only": "only", "ignored-only": "only", "all": "all"}
"""The values of nextest's `--run-ignored`, an older spelling too."""
_NEXTEST_SHORT = {"-E": "--filter-expr", "-P": "--profile", "-j": "--test-threads"}
_LLVM_COV_VALUES = {
    "--output-path", "--output-dir", "--ignore-filename-regex", "--failure-mode", "--fail-under-functions",
    "--fail-under-lines", "--fail-under-regions", "--fail-uncovered-lines", "--fail-uncovered-regions",
    "--fail-uncovered-functions", "--dep-coverage", "--exclude-from-test", "--exclude-from-report",
    "--skip-functions",
}  # fmt: skip
_LLVM_COV_FLAGS = {
    "--json", "--lcov", "--cobertura", "--codecov", "--text", "--html", "--open", "--summary-only", "--no-report",
    "--no-clean", "--branch", "--mcdc", "--doctests", "--show-instantiations", "--hide-instantiations",
    "--include-build-script", "--remap-path-prefix", "--include-ffi", "--no-cfg-coverage", "--show-missing-lines",
    "--no-cfg-coverage-nightly", "--disable-default-ignore-filename-regex", "--ignore-run-fail",
    "--coverage-target-only", "--no-rustc-wrapper", "--full-json",
}  # fmt: skip
_LIBTEST_VALUES = {"--skip", "--test-threads", "--color", "--format", "--logfile", "-Z", "--shuffle-seed"}
_LIBTEST_FLAGS = {
    "--exact", "--ignored", "--include-ignored", "--nocapture", "--no-capture", "--show-output", "--list", "--test",
    "--bench", "--quiet", "-q", "--help", "-h", "--force-run-in-process", "--exclude-should-panic", "--report-time",
    "--ensure-time", "--shuffle", "--fail-fast",
}  # fmt: skip
_RUNNERS = {"test": "test", "t": "test", "nextest": "nextest", "llvm-cov": "llvm-cov"}
_NEXTEST_RUNS = {"run", "r"}
_OTHERS = {"check": "check", "c": "check", "build": "build", "b": "build", "clippy": "clippy", "run": "run",
           "r": "run", "doc": "doc", "d": "doc", "bench": "bench", "rustc": "rustc", "fix": "fix"}  # fmt: skip


def is_cargo(argv: Sequence[str]) -> bool:
    """Tell whether the command is Cargo itself, or Cargo under `rustup run`."""
    return bool(argv) and argv[0].rpartition("/")[2].removesuffix(".exe") == "cargo"


def is_subcommand(name: str) -> bool:
    """Tell whether `name` is a subcommand that is read here; aliases never hide one."""
    return name in _RUNNERS or name in _OTHERS


def parse(argv: Sequence[str]) -> Invocation | None:
    """Parse a Cargo command line; None when it is no Cargo command that builds packages."""
    words = list(argv)
    if words[:2] == ["rustup", "run"]:
        words = words[3:]
    if not is_cargo(words):
        return None
    words = words[1:]
    if words and words[0].startswith("+"):
        words = words[1:]
    parser = _Parser()
    words = parser.globals(words)
    if not words:
        return None
    name, words = words[0], words[1:]
    if name in _RUNNERS:
        return parser.tests(_RUNNERS[name], words)
    if name in _OTHERS:
        return parser.other(_OTHERS[name], words)
    return None


def program(argv: Sequence[str]) -> tuple[str | None, tuple[str, ...]]:
    """Give the words of the program that runs: of `cargo run` those after `--`, with the package it builds.

    The package is None when the program is called by name, which is then the first word; empty when `cargo run`
    names none.
    """
    parsed = parse(argv)
    if parsed is None or parsed.subcommand != "run":
        return None, tuple(argv)
    words = list(argv[next(index for index, word in enumerate(argv) if word in {"run", "r"}) + 1 :])
    own = words[words.index("--") + 1 :] if "--" in words else words[len(_until_positional(words)) :]
    return (parsed.packages[0] if parsed.packages else ""), tuple(own)


@dataclass
class _Parser:
    """The options met so far, under their long names, and what was wrong."""

    values: dict[str, list[str]] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)
    positional: list[str] = field(default_factory=list)
    filters: list[str] = field(default_factory=list)
    named: list[tuple[str, str]] = field(default_factory=list)
    skip: list[str] = field(default_factory=list)
    exact: bool = False
    ignored: Ignored = "no"
    errors: list[str] = field(default_factory=list)
    opaque: bool = False

    def globals(self, words: list[str]) -> list[str]:
        """Read Cargo's options before the subcommand; give what remains."""
        while words and words[0].startswith("-"):
            word, words = words[0], words[1:]
            name = _SHORT.get(word, word)
            if name in _VALUES and words:
                self.values.setdefault(name, []).append(words[0])
                words = words[1:]
            else:
                self.flags.add(name)
        return words

    def tests(self, tool: str, words: list[str]) -> Invocation | None:
        if tool == "test":
            return self._libtest("test", words)
        if tool == "nextest":
            index = next((index for index, word in enumerate(words) if not word.startswith("-")), None)
            if index is None or words[index] not in _NEXTEST_RUNS:
                return None
            return self._nextest("nextest run", words[:index] + words[index + 1 :])
        inner, words = (words[0], words[1:]) if words and words[0] in {"test", "nextest"} else ("", words)
        if inner == "nextest":
            return self._nextest("llvm-cov nextest", words, coverage=True)
        if not inner and words and not words[0].startswith("-"):
            return None
        return self._libtest("llvm-cov test" if inner else "llvm-cov", words, coverage=True)

    def _libtest(self, subcommand: str, words: list[str], *, coverage: bool = False) -> Invocation:
        values = _VALUES | _LLVM_COV_VALUES if coverage else _VALUES
        flags = _FLAGS | _LLVM_COV_FLAGS if coverage else _FLAGS
        before, after = _split(words)
        self.options(before, values, flags, _SHORT, strict=not coverage)
        if len(self.positional) > 1:
            given = ", ".join(f"`{word}`" for word in self.positional)
            self.errors.append(
                f"unexpected argument '{self.positional[1]}' found: cargo test takes one filter, {given}"
            )
        self.filters = self.positional[:1]
        self.harness(after)
        return self.done("libtest", subcommand)

    def _nextest(self, subcommand: str, words: list[str], *, coverage: bool = False) -> Invocation:
        values = _VALUES | _NEXTEST_VALUES | (_LLVM_COV_VALUES if coverage else set())
        flags = (_FLAGS - {"--doc"}) | _NEXTEST_FLAGS | (_LLVM_COV_FLAGS if coverage else set())
        before, after = _split(words)
        self.options(before, values, flags, {**_SHORT, **_NEXTEST_SHORT}, strict=False)
        self.filters = list(self.positional)
        self.harness(after)
        choice = (self.values.get("--run-ignored") or [""])[-1]
        self.ignored = _RUN_IGNORED.get(choice, self.ignored)
        self.opaque = self.opaque or bool({"--archive-file", "--binaries-metadata", "--partition"} & set(self.values))
        return self.done("nextest", subcommand)

    def other(self, subcommand: str, words: list[str]) -> Invocation:
        before, _ = _split(words)
        if subcommand == "run":
            before = _until_positional(before)
        self.options(before, _VALUES, _FLAGS, _SHORT, strict=False)
        self.opaque = False
        return self.done("", subcommand)

    def options(
        self, words: list[str], values: set[str], flags: set[str], short: dict[str, str], *, strict: bool
    ) -> None:
        """Read options and positionals. An unknown option is an error when `strict`, else makes the rest unsure."""
        queue = list(words)
        while queue:
            word = queue.pop(0)
            if word == OPAQUE:
                self.opaque = True
            elif word.startswith("--"):
                name, equals, value = word.partition("=")
                if name in values:
                    self.value(name, value if equals else queue.pop(0) if queue else None)
                elif name in flags:
                    self.flags.add(name)
                else:
                    self.unknown(word, strict=strict)
            elif word.startswith("-") and len(word) > 1:
                self.short(word, queue, values, short, strict=strict)
            else:
                self.positional.append(word)

    def short(self, word: str, queue: list[str], values: set[str], short: dict[str, str], *, strict: bool) -> None:
        """Read `-p x`, `-px`, `-p=x`, `-Fa,b`, and joined flags such as `-qv`."""
        rest = word[1:]
        while rest:
            name, rest = "-" + rest[0], rest[1:]
            name = short.get(name, name)
            if name in values:
                self.value(name, rest.removeprefix("=") if rest else queue.pop(0) if queue else None)
                return
            if name.startswith("--"):
                self.flags.add(name)
            else:
                self.unknown(word, strict=strict)
                return

    def value(self, name: str, value: str | None) -> None:
        if value is None or value == "":
            self.errors.append(f"a value is required for '{name}'")
            return
        if name in {"--bin", "--test", "--example", "--bench"}:
            self.named.append((name[2:], value))
        self.values.setdefault(name, []).append(value)

    def unknown(self, word: str, *, strict: bool) -> None:
        if strict:
            hint = f": test binaries take it after `--`, as `-- {word}`" if word in _LIBTEST_FLAGS else ""
            self.errors.append(f"unexpected argument '{word}' found{hint}")
        else:
            self.opaque = True

    def harness(self, words: list[str]) -> None:
        """Read what stands after `--`: libtest's options, which nextest emulates, and filters."""
        queue = list(words)
        while queue:
            word = queue.pop(0)
            name, equals, value = word.partition("=")
            if word == "--":
                self.filters.extend(queue)
                return
            if not word.startswith("-"):
                self.filters.append(word)
            elif name in _LIBTEST_VALUES or (name.startswith("-Z") and name != "-Z"):
                given = value if equals or name not in _LIBTEST_VALUES else queue.pop(0) if queue else ""
                if name == "--skip":
                    self.skip.append(given)
            elif name in _LIBTEST_FLAGS:
                self.mode(name)
            else:
                self.errors.append(f"the test binary does not know the option '{word}'")

    def mode(self, name: str) -> None:
        if name == "--exact":
            self.exact = True
        elif name in {"--ignored", "--include-ignored"}:
            mode: Ignored = "only" if name == "--ignored" else "all"
            if self.ignored not in {"no", mode}:
                self.errors.append("the options --include-ignored and --ignored are mutually exclusive")
            self.ignored = mode

    def done(self, runner: Literal["libtest", "nextest", ""], subcommand: str) -> Invocation:
        features = [part for value in self.values.get("--features", []) for part in value.replace(",", " ").split()]
        exclude = self.values.get("--exclude", []) + self.values.get("--exclude-from-test", [])
        workspace = bool({"--workspace", "--all"} & self.flags)
        if exclude and not workspace:
            self.errors.append("--exclude can only be used together with --workspace")
        targets = Targets(
            lib="--lib" in self.flags,
            bins="--bins" in self.flags,
            tests="--tests" in self.flags,
            examples="--examples" in self.flags,
            benches="--benches" in self.flags,
            all_targets="--all-targets" in self.flags,
            doc="--doc" in self.flags,
            named=tuple(self.named),
        )
        if targets.doc and targets != Targets(doc=True):
            self.errors.append("can't mix --doc with other target selecting options")
        packages = self.values.get("--package", [])
        expressions = self.values.get("--filter-expr", []) + self.values.get("--filterset", [])
        matter = [*features, *exclude, *packages, *self.filters, *self.skip, *expressions]
        matter += [name for _, name in self.named] + self.values.get("--manifest-path", [])
        return Invocation(
            runner=runner,
            subcommand=subcommand,
            packages=tuple(packages),
            exclude=tuple(exclude),
            workspace=workspace,
            features=tuple(dict.fromkeys(features)),
            all_features="--all-features" in self.flags,
            default_features="--no-default-features" not in self.flags,
            targets=targets,
            filters=tuple(self.filters),
            skip=tuple(self.skip),
            exact=self.exact,
            ignored=self.ignored,
            expressions=tuple(expressions),
            profile=(self.values.get("--profile") or ["default"])[-1],
            default_filter="--ignore-default-filter" not in self.flags,
            release="--release" in self.flags or (self.values.get("--cargo-profile") or [""])[-1] == "release",
            manifest_path=self.values["--manifest-path"][-1] if "--manifest-path" in self.values else None,
            no_run="--no-run" in self.flags or "--list" in self.flags,
            errors=tuple(self.errors),
            opaque=self.opaque or any(OPAQUE in value for value in matter),
        )


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    at = words.index("--") if "--" in words else len(words)
    return words[:at], words[at + 1 :]


def _until_positional(words: list[str]) -> list[str]:
    """Cut `cargo run`'s words at the program's own: the first that is neither option nor an option's value."""
    index = 0
    while index < len(words) and words[index].startswith("-"):
        name = _SHORT.get(words[index], words[index])
        index += 2 if name in _VALUES else 1
    return words[:index]
