"""What the documents say of the command line is what the code does, and a change of the one names it in the other."""

from __future__ import annotations

import difflib
import posixpath
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from pytest_mens.model import Finding, Related, SubjectMissingError
from pytest_mens.views import (
    cargo,
    cargo_test,
    clap,
    command_lines,
    defaults,
    environment,
    markdown,
    matching_tests,
    plain,
    quotations,
    rust_text,
    surface_changes,
    toml,
)
from pytest_mens.views.command_lines import Word
from pytest_mens.views.retirement import Retirement
from pytest_mens.views.surface import Fact, Layout, surface_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_mens.target import Target
    from pytest_mens.views.cargo_args import Invocation
    from pytest_mens.views.clap import Argument, Command, Place
    from pytest_mens.views.command_lines import CommandLine
    from pytest_mens.views.markdown import Block, Inline, Page
    from pytest_mens.views.surface import Surface


@dataclass(frozen=True)
class Params:
    """Where the command line and its documents are.

    `document` is the page's file name, `marker` a phrase of it that tells it from a redirect; `section` matches the
    headings of `beside` that count too. `variables` are the prefixes of the variables that are judged, `registry` is
    where they may be registered. `retired` are words that say a thing is gone. `code` is where the surface's own
    variables are read, `also` further pages that may document a subcommand. `script_runners` are commands that run
    the script named after them, besides the usual shells. `where` matches the headings of sections that list files.
    """

    cli: Layout
    document: str
    marker: str
    beside: str
    section: str
    variables: tuple[str, ...]
    registry: environment.Registry
    retired: tuple[str, ...]
    code: tuple[str, ...]
    also: tuple[str, ...] = ()
    script_runners: tuple[str, ...] = ()
    where: str = ""


def check(target: Target, params: Params) -> Iterator[Finding]:
    """Judge the documents against the code, and a change of the code against the change of the documents."""
    surface = surface_of(target, params.cli)
    page = _document(target, params)
    seen: set[tuple[str, int, str]] = set()
    documents = [(page, page.blocks), *_sections(target, params)]
    for where, blocks in documents:
        for finding in _Reader(target, params, surface, where).findings(blocks):
            key = (finding.path, finding.line, finding.message)
            if key not in seen:
                seen.add(key)
                yield finding
    yield from _listed_files(target, params, page)
    yield from _mirrors(target, params, surface, page)
    yield from _undocumented(target, params, surface, page)
    if target.base is not None:
        yield from _changed(target, target.base, params, page)


_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
_FLAG = re.compile(r"--[a-zA-Z][\w-]*|-[a-zA-Z]")
_EVERYWHERE = ("--help", "--version", "-h", "-V")
"""The flags that clap gives every program."""
_NAME = re.compile(r"[a-z][a-z0-9-]*")
_SCRIPT = re.compile(r"[\w./\\-]+\.(?!exe)(?:sh|bash|zsh|ps1|psm1|py|bat|cmd|[a-z]{2,4})")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_STARTERS = ("sudo", "nohup", "time", "exec", "env", "&")
_BUILT = re.compile(r"(?:(?:\.{1,2}|~)?/(?:.*/)?|(?:.*/)?(?:bin|debug|release)/)?(?P<name>[\w.-]+?)(?:\.exe)?")
"""A program: its name alone, from here or from the top, or in a folder of built ones."""

# the subject


def _document(target: Target, params: Params) -> Page:
    named = [markdown.page(target, path) for path in markdown.named(target, params.document)]
    if not named:
        others = target.containing((params.marker.encode(),), target.glob("*.md"))
        pages = (markdown.page(target, path) for path in others)
        named = [page for page in pages if params.marker in page.title and len(page.lines) > 40]
    if not named:
        raise SubjectMissingError(f"no page `{params.document}`, nor one titled with `{params.marker}`")
    marked = [page for page in named if params.marker in page.source]
    return max(marked or named, key=lambda page: len(page.lines))


def _sections(target: Target, params: Params) -> Iterator[tuple[Page, list[Block]]]:
    for path in markdown.named(target, params.beside):
        if not any(line.startswith("#") and re.search(params.section, line) for line in target.text(path).split("\n")):
            continue
        page = markdown.page(target, path)
        for heading in page.of("heading"):
            if re.search(params.section, heading.plain.text):
                yield page, list(page.section(heading))


# documents against code


class _Reader:
    """Judges one page."""

    def __init__(self, target: Target, params: Params, surface: Surface, page: Page) -> None:
        self.target = target
        self.params = params
        self.surface = surface
        self.page = page
        self._named: dict[int, list[clap.Found]] = {}
        self.retirement = Retirement(params.retired)

    def findings(self, blocks: Sequence[Block]) -> Iterator[Finding]:
        """Give everything wrong in `blocks`."""
        for line in command_lines.command_lines(self.page, blocks):
            if line.inline is None or not self.retirement.of_line(line.block, line.inline):
                yield from self._line(line)
        for block in blocks:
            if block.kind not in {"fence", "html"} and "`" in block.content:
                yield from self._aliases(block)
                yield from self._defaults(block)
        yield from self._variables(blocks)

    def _finding(self, word: Word, message: str, help: str = "", *related: Related) -> Finding:  # noqa: A002 - Finding's field
        end = (word.line, word.column + len(word.text))
        return Finding(self.page.path, message, word.line, word.column, end, help, related)

    # command lines

    def _line(self, line: CommandLine) -> Iterator[Finding]:
        line = _started(line)
        words = (_program(line.words[0]), *line.words[1:])
        texts = [word.text for word in words]
        if texts[0].startswith("--"):
            yield from self._bare_flags(line)
        elif self.surface.head(texts):
            yield from self._command(words)
        elif texts[0] == "cargo":
            yield from self._cargo(words)
        yield from self._script(line)

    def _command(self, words: tuple[Word, ...]) -> Iterator[Finding]:
        texts = [word.text for word in words]
        head = self.surface.head(texts) or ()
        found = self.surface.resolve(texts)
        if found is None:
            if len(words) > 1:
                yield self._no_program(words, head)
            return
        unknown = list(self._unknown_word(words, found, head)) if found.rest else []
        yield from unknown
        pattern = bool(found.rest) and words[len(found.words)].open and bool(found.command.subcommands)
        if not unknown and not pattern and not found.command.pass_through:
            yield from self._flags(words[len(found.words) :], found)

    def _cargo(self, words: tuple[Word, ...]) -> Iterator[Finding]:
        """Judge package, features, targets and test filter of a cargo command, and the program it runs."""
        texts = [word.text for word in words]
        end = texts.index("--") if "--" in texts else len(texts)
        if any(word.open for word in words[:end]) or len(words) < 3:
            return
        try:
            chosen = cargo_test.selection(self.target, texts)
        except SubjectMissingError:
            return  # no workspace: nothing of Cargo's to compare with
        shown = " ".join(texts[:end])
        invocation = chosen.invocation
        for error in chosen.errors:
            manifests = self._manifests(invocation)
            yield self._finding(words[0], f"`{shown}`: {error}", "name what the manifests declare", *manifests)
        if chosen.errors or not chosen.known:
            return
        if (
            invocation.runner
            and (invocation.filters or invocation.expressions)
            and not matching_tests.some_test(self.target, chosen, texts)
        ):
            named = " ".join(invocation.filters or invocation.expressions)
            word = next((word for word in words if word.text in invocation.filters), words[0])
            elsewhere = self._functions(named)
            advice = "name the package that has it" if elsewhere else "name a test that exists"
            yield self._finding(word, f"`{shown}`: no test matches `{named}`", advice, *elsewhere)
        if invocation.subcommand == "run" and end < len(texts):
            program = self._binary(invocation)
            if program:
                start = Word(program, words[0].line, words[0].column, open=False)
                line = (start, *words[end + 1 :])
                if self.surface.head([word.text for word in line]):
                    yield from self._command(line)

    def _manifests(self, invocation: Invocation) -> list[Related]:
        """Give the features of the packages that a command names."""
        found = []
        packages = cargo.workspace(self.target).packages
        for package in (packages[name] for name in invocation.packages if name in packages):
            line, column = toml.file(self.target, package.manifest).position("features")
            found.append(Related(package.manifest, line, column, f"the manifest of `{package.name}`"))
        return found

    def _functions(self, name: str) -> list[Related]:
        """Give a function of that name in the surface's code."""
        if not _IDENTIFIER.fullmatch(name):
            return []
        for path in self.target.containing((f"fn {name}".encode(),), self.target.glob(*self.params.code)):
            source = rust_text.code(self.target, path)
            match = re.search(rf"\bfn\s+{name}\b", source.bare)
            if match:
                return [Related(path, *source.place(match.start()), "a function of that name stands here")]
        return []

    def _binary(self, invocation: Invocation) -> str | None:
        """Give the judged program that `cargo run` starts."""
        packages = cargo.workspace(self.target).packages
        names = [name for kind, name in invocation.targets.named if kind == "bin"]
        for package in invocation.packages:
            if not names and package in packages:
                names = [known.name for known in packages[package].targets if known.kind == "bin"]
        heads = {head[0] for head in self.surface.heads}
        return next((name for name in names if name in heads), None)

    def _script(self, line: CommandLine) -> Iterator[Finding]:
        """Judge the path of a script in command position."""
        word = command_lines.script_word(line, self.params.script_runners)
        if word is None or word.open or not _SCRIPT.fullmatch(word.text):
            return
        path = word.text.replace("\\", "/").removeprefix("./")
        if path.startswith(("/", "~", "..")) or self.target.exists(path):
            return
        name = path.rpartition("/")[2]
        alike = _named_before_dot(self.target, name.partition(".")[0])
        same = [other for other in alike if other.rpartition("/")[2] == name]
        stem = name.rpartition(".")[0]
        near = same or [other for other in alike if other.rpartition("/")[2].rpartition(".")[0] == stem]
        advice = f"`{near[0]}` exists" if near else "name a script that exists"
        yield self._finding(word, f"`{word.text}`: there is no such script", advice)

    def _no_program(self, words: tuple[Word, ...], head: tuple[str, ...]) -> Finding:
        shown = " ".join(word.text for word in words[: len(head) + 1])
        return self._finding(
            words[0],
            f"`{shown}`: no program `{words[0].text}` is defined in this repository",
            self._where(words[len(head)].text if len(words) > len(head) else ""),
            _related(self.surface.root.place, f"`{self.surface.root.name}` is the command tree that exists"),
        )

    def _unknown_word(self, words: tuple[Word, ...], found: clap.Found, head: tuple[str, ...]) -> Iterator[Finding]:
        at = len(found.words)
        word = words[at]
        command = found.command
        if word.open or not re.fullmatch(r"[a-z][a-z0-9_-]*", word.text) or command.external:
            return
        shown = " ".join([*found.words, word.text])
        parent = " ".join(found.words)
        if command.pass_through:
            if at <= len(head):
                yield self._finding(
                    word,
                    f"`{shown}`: `{parent}` hands everything on, and no program here defines `{word.text}` for it",
                    self._where(word.text),
                    _related(command.place, f"`{parent}` accepts anything"),
                )
            return
        takes_position = any(known.positional for known in command.arguments)
        if takes_position and at >= len(head):
            return
        if not command.subcommands and at >= len(head):
            return
        following = f" {words[at + 1].text}" if at < len(head) and len(words) > at + 1 else ""
        yield self._finding(
            word,
            f"`{shown}{following}`: `{parent}` has no subcommand `{word.text}`",
            self._where(words[at + 1].text if following else word.text, command),
            _related(command.place, f"`{parent}` is defined here"),
        )

    def _where(self, name: str, command: Command | None = None) -> str:
        known = self.surface.names.get(name)
        if known:
            return f"the command is `{known}`"
        names = [name for below in command.subcommands for name in below.names] if command else []
        near = difflib.get_close_matches(name, names or list(self.surface.names), 1)
        return f"did you mean `{near[0]}`?" if near else "name a command that exists, or drop the line"

    def _flags(self, words: Sequence[Word], found: clap.Found) -> Iterator[Finding]:
        for at, word in enumerate(words):
            if word.text == "--":
                return
            flag, _, value = word.text.partition("=")
            if not _FLAG.fullmatch(flag) or flag in _EVERYWHERE:
                continue
            argument = found.argument(flag)
            if argument is None:
                yield self._unknown_flag(word, flag, found)
                continue
            after = words[at + 1] if at + 1 < len(words) else None
            yield from self._value(word, after, [argument], value if "=" in word.text else None)

    def _unknown_flag(self, word: Word, flag: str, found: clap.Found) -> Finding:
        shown = " ".join(found.words)
        others = [command for command, _ in self.surface.flags.get(flag, ())]
        near = difflib.get_close_matches(
            flag, [name for known in found.command.arguments for name in known.flags], 1, 0.75
        )
        advice = f"did you mean `{near[0]}`?" if near else "drop the flag, or name the command that has it"
        related = [_related(found.command.place, f"`{shown}` is defined here")]
        related += [_related(known.place, f"`{known.name}` has `{flag}`") for known in others[:1]]
        return self._finding(word, f"`{flag}`: `{shown}` has no such flag", advice, *related)

    def _bare_flags(self, line: CommandLine) -> Iterator[Finding]:
        flags = [word.text.partition("=")[0] for word in line.words if word.text.startswith("--")]
        if any(flag in self.params.cli.foreign_flags for flag in flags):
            yield from self._features_beside(line)
            return
        named = self._named_around(line.block)
        for at, word in enumerate(line.words):
            flag, _, value = word.text.partition("=")
            if not _FLAG.fullmatch(flag) or flag in _EVERYWHERE:
                continue
            around = [argument for found in named if (argument := found.argument(flag))]
            arguments = around or self.surface.arguments(flag)
            if not arguments:
                if not any(found.command.pass_through or found.command.external for found in named):
                    yield self._nowhere(word, flag)
                continue
            after = line.words[at + 1] if at + 1 < len(line.words) else None
            yield from self._value(word, after, arguments, value if "=" in word.text else None)

    def _features_beside(self, line: CommandLine) -> Iterator[Finding]:
        """Judge a lone `--features F` in the text about one package's cargo command as a part of that command."""
        if line.texts[0] != "--features" or len(line.words) != 2 or line.inline is None:
            return
        beside = [other.words for other in command_lines.command_lines(self.page, [line.block])]
        named = {
            after.text
            for words in beside
            if words[0].text == "cargo"
            for word, after in pairwise(words)
            if word.text in {"-p", "--package"}
        }
        if len(named) == 1:
            start = [replace(line.words[0], text=text) for text in ("cargo", "check", "-p", *named)]
            yield from self._cargo((*start, *line.words))

    def _nowhere(self, word: Word, flag: str) -> Finding:
        trees = " or ".join(f"`{' '.join((*self.surface.prefix(tree), tree.name))}`" for tree in self.surface.trees)
        near = difflib.get_close_matches(flag, list(self.surface.flags), 1, 0.75)
        advice = f"did you mean `{near[0]}`?" if near else "name a flag that exists"
        related = [_related(self.surface.flags[name][0][1].place, f"`{name}` is defined here") for name in near]
        return self._finding(word, f"`{flag}`: no command of {trees} has such a flag", advice, *related)

    def _named_around(self, block: Block) -> list[clap.Found]:
        """Give the commands named in the same row or list item."""
        scope = block.enclosing("row") or block.enclosing("item") or block
        if id(scope) not in self._named:
            lines = [line.texts for line in command_lines.command_lines(self.page, scope.walk())]
            found = [self.surface.resolve(texts) for texts in lines if self.surface.head(texts)]
            self._named[id(scope)] = [known for known in found if known]
        return self._named[id(scope)]

    def _value(
        self, word: Word, after: Word | None, arguments: Sequence[Argument], given: str | None
    ) -> Iterator[Finding]:
        """Judge the value that follows a flag; it is wrong when every argument it may mean refuses it."""
        flag = word.text.partition("=")[0]
        if given is not None and not any(known.takes_value for known in arguments):
            place = arguments[0].place
            help_ = f"`{flag}` is a switch: write it or leave it out"
            yield self._finding(
                word, f"`{word.text}`: the flag takes no value", help_, _related(place, f"`{flag}` is a switch")
            )
            return
        value = given if given is not None else after.text if after else ""
        unclear = word.open if given is not None else after is None or after.open
        if unclear or not value or value.startswith("-") or re.fullmatch(r"[A-Z][A-Z0-9_]*", value):
            return
        known = [self.surface.values(argument) if argument.takes_value else None for argument in arguments]
        listed = [values for values in known if values]
        if len(listed) < len(arguments) or any(value in names for names, _ in listed):
            return
        names, place = listed[0]
        near = difflib.get_close_matches(value, names, 1)
        advice = f"did you mean `{near[0]}`?" if near else "the values are " + ", ".join(f"`{name}`" for name in names)
        at = word if given is not None or after is None else after
        yield self._finding(
            at,
            f"`{flag} {value}`: `{value}` is not a value of `{flag}`",
            advice,
            _related(place, "the values are " + ", ".join(f"`{name}`" for name in names)),
        )

    # aliases

    def _aliases(self, block: Block) -> Iterator[Finding]:
        """Judge "(alias `name`)" after a command: something beside that command answers to the name."""
        if "alias" not in block.content.lower():
            return
        text = block.plain.text
        spans = defaults.spans_of(block)
        for at, span in enumerate(spans):
            if not re.search(
                r"(?i)\balias(?:es)?\s*:?\s*$", text[max(span.start - defaults.NEAR, 0) : span.start]
            ) or not _NAME.fullmatch(span.inline.text):
                continue
            commands = [known for other in spans[:at] for known in self._commands_of(other.inline.text)]
            if commands and not any(span.inline.text in known.names for known in commands):
                line, column = command_lines.code_place(block, span.inline)
                word = Word(span.inline.text, line, column, open=False)
                names = ", ".join(f"`{name}`" for name in commands[0].names)
                place = _related(commands[0].place, f"the names of this command are {names}")
                yield self._finding(
                    word, f"`{word.text}`: `{commands[0].name}` has no such alias", "name an alias it has", place
                )

    def _commands_of(self, text: str) -> list[Command]:
        """Give the command that a code span names, by a whole command line or by the bare name."""
        words = text.split()
        if words[:2] == ["cargo", "run"] and "--" in words:
            chosen = cargo_test.selection(self.target, words)
            program = None if chosen.errors else self._binary(chosen.invocation)
            words = [program, *words[words.index("--") + 1 :]] if program else []
        if self.surface.head(words):
            found = self.surface.resolve(words)
            whole = found is not None and len(found.chain) > 1 and not _NAME.match("".join(found.rest[:1]))
            return [found.command] if found and whole else []
        if len(words) == 1 and _NAME.fullmatch(text):
            return [known for parent in self.surface.families if (known := parent.subcommand(text))]
        return []

    # defaults

    def _defaults(self, block: Block) -> Iterator[Finding]:
        for claim in defaults.claims(block):
            yield from self._flag_default(claim) if claim.name.startswith("--") else self._constant(claim)
        for claim in defaults.switches(block):
            arguments = self._meant(claim)
            if not arguments or any(known.takes_value or known.default for known in arguments):
                yield from self._flag_default(claim)
            elif claim.value not in {"off", "disabled"}:
                yield self._differs(claim, "false", arguments[0].place)

    def _meant(self, claim: defaults.Claim) -> list[Argument]:
        """Give the arguments that the flag of a claim may mean: those of commands named around it, else all."""
        named = self._named_around(claim.block)
        around = [argument for found in named if (argument := found.argument(claim.name))]
        return around or self.surface.arguments(claim.name)

    def _flag_default(self, claim: defaults.Claim) -> Iterator[Finding]:
        arguments = self._meant(claim)
        compared = [defaults.agrees(argument, claim.value) for argument in arguments]
        if compared and None not in compared and True not in compared:
            argument = arguments[0]
            yield self._differs(claim, str(argument.default), argument.default_place or argument.place)

    def _differs(self, claim: defaults.Claim, default: str, place: Place) -> Finding:
        return self._finding(
            Word(claim.value, *claim.place, open=False),
            f"documented default `{claim.value}` of `{claim.name}`, but clap's default is `{default}`",
            f"write `{default}`, or change the default in the code",
            _related(place, f"`{claim.name}` defaults to `{default}`"),
        )

    def _constant(self, claim: defaults.Claim) -> Iterator[Finding]:
        patterns = self.params.cli.lists_in
        values = (clap.literal_constant(self.target, claim.name, self.target.glob(one)) for one in patterns)
        found = next((value for value in values if value), None)
        if found and found[0] != claim.value:
            yield self._finding(
                Word(claim.value, *claim.place, open=False),
                f"documented default `{claim.value}` of `{claim.name}`, but it is `{found[0]}`",
                f"write `{found[0]}`, or change the constant",
                _related(found[1], f"`{claim.name}` is `{found[0]}`"),
            )

    # variables

    def _variables(self, blocks: Sequence[Block]) -> Iterator[Finding]:
        for block in blocks:
            if block.kind == "fence":
                for line in block.lines:
                    for match in environment.documented(line.text, self.params.variables):
                        yield from self._variable(match.group(), line.line, line.column + match.start())
            elif "`" in block.content and any(prefix in block.content for prefix in self.params.variables):
                for span in defaults.spans_of(block):
                    for match in environment.documented(span.inline.text, self.params.variables):
                        if not self.retirement.of_span(block, span.inline):
                            place = command_lines.code_place(block, span.inline, match.start())
                            yield from self._variable(match.group(), *place)

    def _variable(self, name: str, line: int, column: int) -> Iterator[Finding]:
        if environment.readers(self.target, name, self.params.registry):
            return
        if _named_before_dot(self.target, name):
            return  # the name of a file without its ending
        registry = self.params.registry
        entries = environment.registered(self.target, name, registry)
        users = () if entries else environment.unregistered(self.target, name, registry)
        mentions = () if entries or users else environment.mentioned(self.target, name, registry)[:1]
        meant = any(environment.taken_for(self.target, name, use) for use in users)
        if users:
            message = f"`{name}`: `{registry.enum}` has a member for it that is used, but no entry that names it"
            advice = "give the member an entry"
        else:
            message = f"`{name}`: nothing reads this variable"
            advice = "drop it, or name the variable that the code reads"
        yield Finding(
            self.page.path,
            message,
            line,
            column,
            (line, column + len(name)),
            advice,
            (
                *(Related(at.path, at.line, at.column, f"`{name}` is only registered here") for at in entries),
                *(Related(at.path, at.line, at.column, "the member is used here") for at in users[:1]),
                *(Related(at.path, at.line, at.column, "only its name stands here") for at in mentions),
            ),
            "note" if meant else "error",
        )


def _started(line: CommandLine) -> CommandLine:
    """Leave out the words that only start the program behind them."""
    words = line.words
    while len(words) > 1 and (words[0].text in _STARTERS or _ASSIGNMENT.match(words[0].text)):
        words = words[1:]
    return replace(line, words=words) if len(words) < len(line.words) else line


def _program(word: Word) -> Word:
    """Give a program without the folder and ending of a built one."""
    path = word.text.replace("\\", "/")
    built = _BUILT.fullmatch(path) if "/" in path or path.endswith(".exe") else None
    if built is None:
        return word
    return replace(word, text=built.group("name"), column=word.column + built.start("name"))


def _named_before_dot(target: Target, stem: str) -> list[str]:
    """Give the files whose names up to the first dot are `stem`."""
    listing = target.view(_listing)
    found = []
    for ending in (".", "\0"):
        for at in plain.occurrences(listing, f"/{stem}{ending}"):
            path = listing[listing.rfind("\0", 0, at) + 2 : listing.find("\0", at)]
            if path.rpartition("/")[2].partition(".")[0] == stem:
                found.append(path)
    return found


def _listing(target: Target) -> str:
    """Give all paths as one text to search, a `/` before and a NUL after each."""
    return "\0/" + "\0/".join(target.paths) + "\0"


def _related(place: Place, message: str) -> Related:
    return Related(place.path, place.line, place.column, message)


# what a page says of files


def _listed_files(target: Target, params: Params, page: Page) -> Iterator[Finding]:
    """Note the paths that a section about files lists and that do not exist."""
    headings = [known for known in page.of("heading") if params.where and re.search(params.where, known.plain.text)]
    for block in (block for heading in headings for block in page.section(heading) if "`" in block.content):
        if block.kind not in {"paragraph", "cell"}:
            continue
        for inline in block.inlines:
            path = inline.text.removeprefix("./").rstrip("/")
            if inline.kind == "code" and _PATH.fullmatch(path) and not _exists(target, path):
                line, column = command_lines.code_place(block, inline)
                end = (line, column + len(inline.text))
                message = f"`{inline.text}` is listed here and does not exist"
                yield Finding(page.path, message, line, column, end, "name a path that exists", level="note")


_PATH = re.compile(r"[\w.*-]+(?:/[\w.*-]+)+")


def _exists(target: Target, path: str) -> bool:
    """Tell whether a path leads somewhere, or may: one whose first folder is unknown is not said from the top."""
    first = path.partition("/")[0]
    if not first.startswith(".") and not target.is_dir(first):
        return True
    return bool(target.glob(f"/{path}")) if "*" in path else target.exists(path) or target.is_dir(path)


def _mirrors(target: Target, params: Params, surface: Surface, page: Page) -> Iterator[Finding]:
    """Note the values of a constant list that a data file lacks, where the page names the two as one."""
    for flag, name in params.cli.lists.items():
        for block in page.blocks:
            spans = [inline for inline in block.inlines if inline.text == name] if name in block.content else []
            files = {path for path in map(_linked, block.inlines) if path.endswith(_DATA)} if spans else set()
            known = [path for file in files for path in (file, _relative(page.path, file)) if target.exists(path)]
            if len(set(known)) != 1:
                continue
            held = "\n".join(line.partition("#")[0] for line in target.text(known[0]).split("\n"))
            for value, place in surface.listed(name):
                if next(plain.words(held, value, also="_-"), None) is None:
                    yield Finding(
                        page.path,
                        f"`{known[0]}` lacks `{value}`, a value of `--{flag}` that `{name}` lists",
                        *spans[0].place,
                        spans[0].end_place,
                        f"add it to `{known[0]}`, or drop it from `{name}`",
                        (_related(place, f"`{value}` is listed here"), Related(known[0], 1, 1, "and not here")),
                        "note",
                    )


_DATA = (".yaml", ".yml", ".json")


def _linked(inline: Inline) -> str:
    """Give the path that a link leads to or a code span holds."""
    return inline.href.partition("#")[0] if inline.kind == "link" else inline.text if inline.kind == "code" else ""


def _relative(page: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), path))


# code against documents


def _undocumented(target: Target, params: Params, surface: Surface, page: Page) -> Iterator[Finding]:
    """Note the visible subcommands of the root that no document names as one."""
    paths = dict.fromkeys([page.path, *markdown.named(target, params.beside), *target.glob(*params.also)])
    texts = [target.text(path) for path in paths]
    parents = (*surface.root.names, *(" ".join(head) for head in surface.heads))
    for command in surface.root.subcommands:
        if command.hidden or any(_names_command(text, parents, command) for text in texts):
            continue
        yield Finding(
            command.place.path,
            f"`{' '.join((*surface.prefix(surface.root), surface.root.name, command.name))}` is documented nowhere",
            command.place.line,
            command.place.column,
            help=f"describe it in {page.path}",
            level="note",
        )


_BEFORE = 40
"""Characters before a command's name in which its parent's stands."""
_LISTED_AFTER = re.compile(r"(?:\A|[\n(,|*`]|\s/)[ \t]*\Z")
_LISTED_BEFORE = re.compile(r"\s*(?:\Z|[),|*`]|\s/\s)")


def _names_command(text: str, parents: tuple[str, ...], command: Command) -> bool:
    """Tell whether a text has a name of the command after one of `parents`, marked up, or as an item of a list.

    In running text the name may be any word: "the models", "a dogfood run".
    """
    for name in command.names:
        for at in plain.words(text, name, also="_-"):
            before = text[max(at - _BEFORE, 0) : at]
            listed = _LISTED_AFTER.search(before) and _LISTED_BEFORE.match(text, at + len(name))
            if listed or before.rstrip().endswith(parents):
                return True
    return False


# the change


def _changed(target: Target, base: Target, params: Params, page: Page) -> Iterator[Finding]:
    """Give what came or went on the surface without a changed line of the documents that names it."""
    if all(path.endswith(".md") for path in target.change.paths):
        return
    lines = _changed_lines(target, base, params)
    variables = surface_changes.of_variables(target, base, params.variables, params.code, params.registry)
    for change in (*surface_changes.of_surface(target, base, params.cli), *variables):
        if not _named(change.fact, lines):
            path, line, column = change.place or _first_mention(change.fact, page)
            yield Finding(
                path,
                f"{change.text}, and no changed line of {page.path} or {params.beside} names `{change.fact.name}`",
                line,
                column,
                help=f"say so in {page.path}",
                related=(Related(page.path, 1, 1, "this document describes the command line"),),
            )
    yield from _changed_texts(target, base, params, page, lines)


def _changed_lines(target: Target, base: Target, params: Params) -> list[str]:
    """Give the lines that only one side of the documents has."""
    found: list[str] = []
    for side, other in ((target, base), (base, target)):
        theirs = Counter(_document_lines(other, params))
        for line in _document_lines(side, params):
            if theirs[line]:
                theirs[line] -= 1
            else:
                found.append(line)
    return found


def _document_lines(target: Target, params: Params) -> Iterator[str]:
    paths = set(markdown.named(target, params.beside))
    with suppress(SubjectMissingError):
        paths.add(_document(target, params).path)
    for path in sorted(paths):
        yield from (line.strip() for line in target.text(path).split("\n") if line.strip())


def _named(fact: Fact, lines: Sequence[str]) -> bool:
    """Tell whether a line names a flag anywhere, or any other thing in code or after the words of its command."""
    name = re.escape(fact.name)
    if fact.kind == "variable":
        return any(re.search(rf"(?<!\w){name}(?!\w)", line) for line in lines)
    if fact.name.startswith("-"):
        return any(re.search(rf"(?<![\w-]){name}(?![\w-])", line) for line in lines)
    above = fact.command[:-1] if fact.kind in {"command", "alias"} else fact.command
    parent = re.escape(above[-1]) if above else "^"
    pattern = re.compile(rf"`[^`]*(?<![\w-]){name}(?![\w-])[^`]*`|\b{parent}\s+{name}(?![\w-])")
    return any(pattern.search(line) for line in lines)


def _first_mention(fact: Fact, page: Page) -> tuple[str, int, int]:
    """Give the first line of the page that names the command of a fact, else its top."""
    sought = [" ".join(fact.command), *fact.command[:1]] if fact.command else [fact.name]
    for text in sought:
        number = next((number for number, line in enumerate(page.lines, 1) if text in line), None)
        if number is not None:
            return (page.path, number, 1)
    return (page.path, 1, 1)


def _changed_texts(target: Target, base: Target, params: Params, page: Page, lines: Sequence[str]) -> Iterator[Finding]:
    """Give the texts of the surface's code that are gone while a document still quotes them."""
    changed = set(target.change.paths)
    old, new = (
        {
            text: place
            for path in side.glob(*params.code)
            if path in changed
            for text, place in quotations.texts(side, path)
        }
        for side in (base, target)
    )
    kept = {run for text in new for run in quotations.runs(text)}
    quoted = {run: number for number, line in enumerate(page.lines, 1) for run in quotations.runs(line)}
    touched = {run for line in lines for run in quotations.runs(line)}
    for text, place in old.items():
        runs = [run for run in quotations.runs(text) if run in quoted and run not in kept and run not in touched]
        if text in new or not runs or quotations.stands_elsewhere(target, text, runs[0]):
            continue
        words = " ".join(runs[0])
        fact = Fact("text", (), words, text, place)
        path, line, column = surface_changes.place_of_removal(target, place.path, place.line) or _first_mention(
            fact, page
        )
        yield Finding(
            path,
            f'the text "{words} ..." is gone, but {page.path} still quotes it',
            line,
            column,
            help="quote the new text, or keep the old one",
            related=(Related(page.path, quoted[runs[0]], 1, "the old text is quoted here"),),
        )
