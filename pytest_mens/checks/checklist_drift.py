"""The target's own checklist page: every bullet has an entry here and the other way round, and all it names exists."""

from __future__ import annotations

import difflib
import posixpath
import re
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from pytest_mens.model import Finding, Related, SubjectMissingError, UnreadableError
from pytest_mens.target import globs
from pytest_mens.views import cargo, command_lines, environment, markdown, placed, rust, rust_text
from pytest_mens.views.surface import Layout, surface_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_mens.target import Target
    from pytest_mens.views.markdown import Block, Inline, Page
    from pytest_mens.views.surface import Surface


@dataclass(frozen=True)
class Params:
    """Where the checklist is and how its references read.

    `entries` are the (id, section, title) of the loaded checklist; those of `own_sections` need no bullet. `document`
    is the page's file name, `home` where it usually stands, `headings` tell it when it is called otherwise. `related`
    matches the heading of its list of links. `crate_prefix` begins the names of the target's crates, `variables` are
    the prefixes of environment variables. `avoided` are words of clauses whose paths need not exist. `extensions` end
    what is the name of a file without a folder.
    """

    entries: tuple[tuple[str, str, str], ...]
    own_sections: tuple[str, ...]
    document: str
    home: str
    headings: tuple[str, ...]
    crate_prefix: str
    variables: tuple[str, ...]
    registry: environment.Registry
    cli: Layout
    avoided: tuple[str, ...]
    related: str = "(?i)^related"
    extensions: tuple[str, ...] = ("rs", "md", "toml", "yaml", "yml", "sh", "ps1", "py", "txt", "json", "jsonl")


def check(target: Target, params: Params) -> Iterator[Finding]:
    """Compare bullets with entries, then resolve what the bullets, the tables and the list of links name."""
    page = _page(target, params)
    if page.path != params.home:
        yield Finding(page.path, f"the checklist stands here, not at `{params.home}`", level="note")
    yield from _coverage(page, params)
    resolver = _Resolver(target, params, page)
    for block in _judged(page, params):
        yield from resolver.findings(block)


def _page(target: Target, params: Params) -> Page:
    named = markdown.named(target, params.document)
    if named:
        return markdown.page(
            target, params.home if params.home in named else min(named, key=lambda path: (len(path), path))
        )
    first = params.headings[0].encode() if params.headings else b"\0"
    best: tuple[int, Page] | None = None
    for path in target.containing((first,), target.glob("*.md")):
        page = markdown.page(target, path)
        found = {_normal(heading.plain.text) for heading in page.of("heading")}
        score = sum(any(text.startswith(_normal(wanted)) for text in found) for wanted in params.headings)
        if score * 2 > len(params.headings) and (best is None or score > best[0]):
            best = (score, page)
    if best is None:
        raise SubjectMissingError(f"no page `{params.document}`, nor one with its headings", path=params.home)
    return best[1]


# coverage


class _Bullet(NamedTuple):
    """A checklist item: its bold title, or None when it lost it."""

    title: str | None
    item: Block
    place: tuple[int, int]


def _coverage(page: Page, params: Params) -> Iterator[Finding]:
    known = {
        _normal(title): (id_, title) for id_, section, title in params.entries if section not in params.own_sections
    }
    found = list(_bullets(page, params))
    bullets = [bullet for bullet in found if not _nested(bullet.item) or _normal(bullet.title or "") in known]
    named: set[str] = set()
    for bullet in bullets:
        key = _normal(bullet.title or "")
        if bullet.title is None:
            yield _at(
                page, bullet.place, "this bullet has no title, so no entry stands for it", "begin it with a bold title"
            )
        elif key not in known:
            near = difflib.get_close_matches(key, known, 1)
            advice = f"is it `{known[near[0]][0]}`?" if near else "add an entry with this title to the checklist"
            yield _at(page, bullet.place, f'no entry has the title "{bullet.title}"', advice)
        elif key in named:
            yield _at(page, bullet.place, f'a second bullet has the title "{bullet.title}"', "keep one of them")
        named.add(key)
    for id_, section, title in params.entries:
        if section in params.own_sections or _normal(title) in named:
            continue
        heading = next(
            (block for block in page.of("heading") if _normal(block.plain.text).startswith(_normal(section))), None
        )
        place = heading.start if heading else (1, 1)
        yield _at(
            page, place, f'no bullet has the title "{title}" of the entry `{id_}`', f'restore its bullet in "{section}"'
        )


def _bullets(page: Page, params: Params) -> Iterator[_Bullet]:
    """Give the items that begin with a check box or a bold title that ends a sentence's head."""
    for item in page.of("item"):
        lead = item.lead
        if lead is None or (lead.headings and re.search(params.related, lead.headings[-1].plain.text)):
            continue
        box = re.match(r"\[[ xX]\]\s*", lead.content)
        strong = next((inline for inline in lead.inlines if inline.kind == "strong"), None)
        start = box.end() if box else 0
        if strong is not None and strong.start <= start + 1 and (box or re.search(r"[:{]\s*$", strong.text)):
            yield _Bullet(strong.text.rstrip(" :{"), item, strong.place)
        elif box:
            yield _Bullet(None, item, lead.start)


def _nested(item: Block) -> bool:
    """Tell whether an item belongs to another one: then it is a part of that bullet unless an entry has its title."""
    return any(block.kind == "item" for block in item.ancestors())


def _normal(title: str) -> str:
    """Give a title without code marks, the end mark and case."""
    return re.sub(r"\s+", " ", title.replace("`", "").rstrip(" :{").strip()).casefold()


def _at(page: Page, place: tuple[int, int], message: str, help: str) -> Finding:  # noqa: A002 - Finding's field
    return Finding(page.path, message, place[0], place[1], help=help)


# references


def _judged(page: Page, params: Params) -> Iterator[Block]:
    """Give the blocks that hold references: bullets, tables, the list of links; introductions are left out."""
    for block in page.blocks:
        inside = block.enclosing("item") or block.enclosing("table")
        related = block.headings and re.search(params.related, block.headings[-1].plain.text)
        if block.content and block.kind != "heading" and (inside or related):
            yield block


class _Span(NamedTuple):
    """A code span with its extent in the block's visible text and the sentence around it."""

    text: str
    inline: Inline
    start: int
    end: int


_SEARCHES = 2_000
"""Names of one page that are looked for in all of the code; a checklist has dozens."""
_PATH = re.compile(r"(?:\.{0,2}/)?[\w.@<>…*{},-]+(?:/[\w.@<>…*{},+-]+)+/?")
_ALTERNATIVES = 64
"""Paths that one `{a,b}` reference is read as; braces multiply."""
_LINE = re.compile(r"(?<=\w):\d+(?:[-:]\d+)?$")
"""The line that a reference to a place in a file ends in."""
_CONSTANT = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_TYPE = re.compile(r"[A-Z][a-z0-9]+(?:[A-Z][A-Za-z0-9]*)+")
_MEMBER = re.compile(r"([A-Z]\w+)::(\w+)(?:\(\))?")
_SNAKE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9*]+)+(?:\(\))?")
_KEBAB = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)+")
_CFG = re.compile(r'cfg\(.*\bfeature\s*=\s*"([^"]+)".*\)')


class _Resolver:
    """Resolves the references of one page against the target."""

    def __init__(self, target: Target, params: Params, page: Page) -> None:
        self.target = target
        self.params = params
        self.page = page
        self._searches = 0

    def findings(self, block: Block) -> Iterator[Finding]:
        """Give what a block names and the target does not have."""
        codes = [inline for inline in block.inlines if inline.kind == "code"]
        spans = [
            _Span(inline.text, inline, start, end) for inline, (start, end) in zip(codes, block.plain.code, strict=True)
        ]
        for at, span in enumerate(spans):
            if "link" not in span.inline.within:
                yield from self._span(block, spans, at)
        for inline in block.inlines:
            if inline.kind == "link":
                yield from self._link(inline)

    def _found(
        self,
        block: Block,
        span: _Span,
        message: str,
        advice: str = "",
        *related: Related,
        level: str = "error",
    ) -> Finding:
        line, column = command_lines.code_place(block, span.inline)
        end = (line, column + len(span.text))
        named = [path for path in re.findall(r"`([^`]+)`", advice) if self.target.exists(path)]
        if not related and named:
            related = (Related(named[0], 1, 1, "this one exists"),)
        return Finding(
            self.page.path, message, line, column, end, advice, related, "note" if level == "note" else "error"
        )

    def _span(self, block: Block, spans: Sequence[_Span], at: int) -> Iterator[Finding]:  # noqa: C901 - one branch a kind of reference
        span = spans[at]
        text = span.text
        name = text.partition("=")[0]
        if any(name.startswith(prefix) for prefix in self.params.variables) and re.fullmatch(r"[A-Z0-9_]+", name):
            yield from self._variable(block, span, name)
        elif (feature := _CFG.fullmatch(text)) is not None:
            yield from self._feature(block, spans, at, feature.group(1))
        elif _CONSTANT.fullmatch(text):
            yield from self._symbol(block, spans, span, text, "const|static")
        elif (member := _MEMBER.fullmatch(text)) is not None:
            yield from self._member(block, span, member.group(1), member.group(2))
        elif _TYPE.fullmatch(text):
            yield from self._type(block, spans, span)
        elif (pair := self._package_feature(text)) is not None:
            yield from self._wired(block, spans, span, *pair)
        elif self._is_path(text):
            for path in islice(_alternatives(_LINE.sub("", text)), _ALTERNATIVES):
                yield from self._path(block, span, path)
        elif text.startswith("--"):
            yield from self._flag(block, span)
        elif self._cli is not None and self._cli.head(text.split()):
            yield from self._command(block, span)
        elif _SNAKE.fullmatch(text):
            yield from self._snake(block, spans, span)
        elif _KEBAB.fullmatch(text):
            yield from self._kebab(block, span)
        yield from self._feature_of_crate(block, spans, at)
        yield from self._section(block, span)

    # paths and links

    def _path(self, block: Block, span: _Span, text: str) -> Iterator[Finding]:
        path = text.removeprefix("./")
        if "…" in path or path.startswith(("/", "..", "http")) or self._avoided(block, span):
            return
        if "<" in path or "{" in path:
            folder = re.split(r"[<{]", path)[0].rpartition("/")[0]
            if folder and not self._exists(folder):
                yield self._found(block, span, f"`{text}`: there is no folder `{folder}`", "name a folder that exists")
            return
        if "*" in path:
            if not self._matching(path):
                yield self._found(block, span, f"`{text}` matches no file", self._nearest_glob(path))
            return
        if not self._exists(path):
            yield self._found(block, span, f"`{text}` does not exist", self._moved(path))

    def _matching(self, path: str) -> bool:
        patterns = [path] if self._anchored(path) else [path, f"**/{path}"]
        match = globs.matcher(patterns)
        return any(match(known) for known in self.target.paths)

    def _anchored(self, path: str) -> bool:
        """Tell whether a path begins at the top: its first part is a folder or file there, or a known crate folder."""
        first = path.partition("/")[0]
        return self.target.is_dir(first) or self.target.exists(first) or first.startswith(".")

    def _exists(self, path: str) -> bool:
        clean = path.rstrip("/")
        if self.target.exists(clean) or self.target.is_dir(clean):
            return True
        if "/" in clean and self._anchored(clean):
            return False
        return f"/{clean}\0" in self._listing or f"/{clean}/" in self._listing

    @cached_property
    def _listing(self) -> str:
        """Give all paths as one text to search, a `/` before and a NUL after each."""
        return "".join(f"/{path}\0" for path in self.target.paths)

    def _ending(self, path: str) -> list[str]:
        """Give the paths that are `path` or end in it."""
        found, at = [], self._listing.find(f"/{path}\0")
        while at >= 0:
            found.append(self._listing[self._listing.rfind("\0", 0, at) + 2 : at + len(path) + 1])
            at = self._listing.find(f"/{path}\0", at + 1)
        return found

    def _moved(self, path: str) -> str:
        stem = path.removesuffix(".rs")
        if path.endswith(".rs") and self._exists(f"{stem}/mod.rs"):
            return f"it became the module folder `{stem}/mod.rs`"
        if path.endswith("/mod.rs") and self._exists(path.removesuffix("/mod.rs") + ".rs"):
            return f"it became the file `{path.removesuffix('/mod.rs')}.rs`"
        name = path.rpartition("/")[2]
        near = self._ending(name)
        if not near and path.endswith(".rs"):
            near = self._ending(f"{name.removesuffix('.rs')}/mod.rs")
        return f"`{near[0]}` exists" if near else "name a path that exists"

    def _nearest_glob(self, path: str) -> str:
        suffix = path.rpartition(".")[2]
        folder = path.split("*", 1)[0].rpartition("/")[0]
        below = [
            known for known in self.target.paths if known.startswith(f"{folder}/") and known.endswith(f".{suffix}")
        ]
        return f"such files stand in `{below[0].rpartition('/')[0]}/`" if below else "name files that exist"

    def _avoided(self, block: Block, span: _Span) -> bool:
        """Tell whether the clause says to stay away from the path."""
        text = block.plain.text
        start = max(text.rfind(mark, 0, span.start) for mark in (";", ". ", ":"))
        clause = text[start + 1 : span.start]
        return any(re.search(rf"(?i)\b{re.escape(word)}\b", clause) for word in self.params.avoided)

    def _link(self, inline: Inline) -> Iterator[Finding]:
        href, _, fragment = unquote(inline.href).partition("#")
        if re.match(r"[a-zA-Z][\w+.-]*:|//", inline.href) or not href:
            return
        folder = posixpath.dirname(self.page.path)
        path = posixpath.normpath(href.lstrip("/") if href.startswith("/") else posixpath.join(folder, href))
        shown = inline.text.strip("`")
        line, column = inline.place
        end = inline.end_place
        if not (self.target.exists(path) or self.target.is_dir(path)):
            same = markdown.named(self.target, posixpath.basename(path))
            advice = f"`{same[0]}` exists" if same else "link a page that exists"
            yield Finding(
                self.page.path,
                f"the link `{inline.href}` leads nowhere: there is no `{path}`",
                line,
                column,
                end,
                advice,
            )
            return
        if self._is_path(shown) and not f"/{path}".endswith("/" + shown.lstrip("./")):
            there = self._exists(shown)
            advice = (
                f"link `{posixpath.relpath(shown, folder)}`"
                if there and self.target.exists(shown)
                else "make text and link agree"
            )
            yield Finding(
                self.page.path,
                f"the link text says `{shown}`, but the link leads to `{path}`",
                line,
                column,
                end,
                advice,
                (Related(path, 1, 1, "the link leads here"),),
            )
        elif fragment and path.endswith(".md"):
            yield from self._fragment(inline, path, fragment)

    def _fragment(self, inline: Inline, path: str, fragment: str) -> Iterator[Finding]:
        slugs = {_slug(heading.plain.text) for heading in markdown.page(self.target, path).of("heading")}
        if fragment.lower() not in slugs and f'id="{fragment}"' not in self.target.text(path):
            line, column = inline.place
            message = f"the link `{inline.href}` names a section that `{path}` does not have"
            yield Finding(self.page.path, message, line, column, inline.end_place, "link a heading that exists")

    def _section(self, block: Block, span: _Span) -> Iterator[Finding]:
        """Judge "`PAGE` (X subsection)": the page has a heading about X."""
        after = re.match(r"\W*\((?:the\s+)?[\"“]?([\w /-]+?)[\"”]?\s+(?:sub)?section\)", block.plain.text[span.end :])
        if after is None or not span.text.endswith(".md"):
            return
        paths = [span.text] if self.target.exists(span.text) else list(markdown.named(self.target, span.text))
        if not paths:
            return
        word = re.compile(re.escape(after.group(1)), re.IGNORECASE)
        page = markdown.excerpt(self.target, paths[0], lambda piece: word.search(piece) is not None)
        if any(word.search(heading.plain.text) for heading in page.of("heading")):
            return
        leads = [item.lead for item in page.of("item") if item.lead is not None]
        bullet = next((lead for lead in leads if word.search(_bold(lead))), None)
        message = f'`{span.text}` has no section about "{after.group(1)}"'
        if bullet is not None:
            there = Related(page.path, bullet.first, 1, "only this bullet speaks of it")
            yield self._found(block, span, message + ", only a bullet", "give it a heading", there, level="note")
        else:
            there = Related(page.path, 1, 1, "no heading of this page matches")
            yield self._found(
                block, span, message, f"add a heading about it to `{page.path}`, or name another place", there
            )

    # crates and features

    @cached_property
    def _packages(self) -> dict[str, cargo.Package]:
        try:
            return {package.name: package for package in cargo.workspace(self.target).all_packages}
        except SubjectMissingError:
            return {}

    def _is_path(self, text: str) -> bool:
        """Tell whether a text is a path, or the name of a file."""
        text = _LINE.sub("", text)
        file = re.fullmatch(r"[\w-]+(?:\.[\w-]+)*\.(\w+)", text)
        return _PATH.fullmatch(text) is not None or (file is not None and file[1] in self.params.extensions)

    def _package_feature(self, text: str) -> tuple[str, str] | None:
        package, slash, feature = text.partition("/")
        known = package in self._packages or package.startswith(self.params.crate_prefix)
        return (package, feature) if slash and known and re.fullmatch(r"[\w-]+", feature) else None

    def _feature(self, block: Block, spans: Sequence[_Span], at: int, feature: str) -> Iterator[Finding]:
        """Judge `cfg(feature = ..)`: a crate of the same sentence declares it, or any when none is named."""
        named = [span.text for span in self._sentence(block, spans, spans[at]) if span.text in self._packages]
        packages = [self._packages[name] for name in named[:1]] or list(self._packages.values())
        if packages and not any(feature in package.features for package in packages):
            where = f"`{packages[0].name}`" if named else "any package"
            near = difflib.get_close_matches(feature, list(packages[0].features), 1)
            advice = f"did you mean `{near[0]}`?" if near else "name a feature that the manifest declares"
            yield self._found(
                block,
                spans[at],
                f"`{spans[at].text}`: {where} has no feature `{feature}`",
                advice,
                *_manifest(packages[:1]),
            )

    def _wired(self, block: Block, spans: Sequence[_Span], span: _Span, name: str, feature: str) -> Iterator[Finding]:
        """Judge `crate/feature`, and that the crate and feature the sentence points to turn it on."""
        package = self._packages.get(name)
        if package is None:
            yield self._found(block, span, f"`{span.text}`: there is no crate `{name}`", self._nearest_crate(name))
            return
        if feature not in package.features:
            near = difflib.get_close_matches(feature, list(package.features), 1)
            advice = f"did you mean `{near[0]}`?" if near else "name a feature that the manifest declares"
            yield self._found(
                block, span, f"`{span.text}`: `{name}` has no feature `{feature}`", advice, *_manifest([package])
            )
            return
        sentence = self._sentence(block, spans, span)
        for left, right in pairwise(sentence):
            after = block.plain.text[right.end : right.end + 40]
            consumer = self._packages.get(left.text)
            if consumer is None or not re.match(r"\s+features?\b", after) or right.text not in consumer.features:
                continue
            wanted = cargo.Selection((consumer.name,), (right.text,), default_features=False, dev=False)
            try:
                enabled = cargo.enabled_features(cargo.workspace(self.target), wanted)
            except ValueError:
                continue
            if feature not in enabled.get(name, frozenset()):
                message = f"`{left.text}` `{right.text}` does not enable `{span.text}`"
                yield self._found(block, right, message, f"wire `{span.text}` into it", *_manifest([consumer]))

    def _feature_of_crate(self, block: Block, spans: Sequence[_Span], at: int) -> Iterator[Finding]:
        """Judge "`crate` `feature` feature": the crate declares it."""
        span = spans[at]
        package = self._packages.get(spans[at - 1].text) if at else None
        between = block.plain.text[spans[at - 1].end : span.start] if at else ""
        if (
            package is None
            or not re.fullmatch(r"(?:\W?s)?\s+", between)
            or not re.match(r"\s+features?\b", block.plain.text[span.end :])
        ):
            return
        if re.fullmatch(r"[\w-]+", span.text) and span.text not in package.features:
            message = f"`{package.name}` has no feature `{span.text}`"
            yield self._found(block, span, message, "name a feature that the manifest declares", *_manifest([package]))

    def _nearest_crate(self, name: str) -> str:
        near = difflib.get_close_matches(name, list(self._packages), 1)
        return f"did you mean `{near[0]}`?" if near else "name a crate of the workspace"

    # symbols

    @cached_property
    def _named_crates(self) -> tuple[str, ...]:
        """Give the Rust files of the crates that the page names."""
        named = [package for name, package in self._packages.items() if package.root and name in self.page.source]
        roots = tuple(f"{package.root}/" for package in named)
        return tuple(path for path in self.target.glob("*.rs") if path.startswith(roots)) if roots else ()

    @cached_property
    def _rust_files(self) -> tuple[str, ...]:
        """Give the Rust files, those of the crates that the page names first: most symbols are found there."""
        return tuple(dict.fromkeys([*self._named_crates, *self.target.glob("*.rs")]))

    def _holding(self, word: str) -> Iterator[str]:
        self._searches += 1
        if self._searches > _SEARCHES:
            raise UnreadableError(self.page.path, f"names more than {_SEARCHES} things of the code")
        wanted = word.encode()
        if not any(name in wanted for name in self._names):
            yield from self.target.containing({wanted}, self._rust_files)
            return
        # all names were looked for at once: one pass over the files takes as long for dozens of them as for one
        yield from (path for path in self._naming_near if self._may_hold(path, wanted))
        yield from (path for path in self._naming_elsewhere if self._may_hold(path, wanted))

    @cached_property
    def _naming_near(self) -> list[str]:
        return self.target.containing(self._names, self._named_crates)

    @cached_property
    def _naming_elsewhere(self) -> list[str]:
        return self.target.containing(self._names, self._rust_files[len(self._named_crates) :])

    def _may_hold(self, path: str, word: bytes) -> bool:
        try:
            return word in self.target.data(path)
        except UnreadableError:
            return True

    @cached_property
    def _names(self) -> frozenset[bytes]:
        """Give what the page names that may have to be looked for in all of the code."""
        found: set[str] = set()
        for block in _judged(self.page, self.params):
            for text in (inline.text for inline in block.inlines if inline.kind == "code"):
                name = text.partition("=")[0]
                if (member := _MEMBER.fullmatch(text)) is not None:
                    found.add(member.group(1))
                elif _CONSTANT.fullmatch(name) or _TYPE.fullmatch(text):
                    found.add(name)
                elif _SNAKE.fullmatch(text):
                    found.add(text.removesuffix("()").partition("*")[0])
        return frozenset(name.encode() for name in found)

    def _defined(self, kinds: str, name: str, paths: Sequence[str] | None = None) -> str | None:
        """Give a file that defines `name`, in live code that is no test's and not in a comment."""
        pattern = re.compile(rf"\b(?:{kinds})\s+{name}\b")
        for path in self._holding(name) if paths is None else paths:
            source = rust_text.code(self.target, path)
            outside = any(not source.in_test(match.start()) for match in pattern.finditer(source.bare))
            if outside and placed.is_live(self.target, path):
                return path
        return None

    def _occurs(self, name: str) -> bool:
        pattern = re.compile(rf"\b{name}\b")
        return any(pattern.search(rust_text.code(self.target, path).bare) for path in self._holding(name))

    def _sentence(self, block: Block, spans: Sequence[_Span], span: _Span) -> list[_Span]:
        """Give the spans of the same sentence."""
        text = block.plain.text
        bounds = [match.end() for match in re.finditer(r"(?<!\be\.g)(?<!\bi\.e)[.;]\s+(?=\S)", text)]
        start = max((bound for bound in bounds if bound <= span.start), default=0)
        stop = min((bound for bound in bounds if bound > span.start), default=len(text))
        return [other for other in spans if start <= other.start < stop]

    def _named_files(self, block: Block, spans: Sequence[_Span], span: _Span) -> list[str]:
        """Give the Rust files that the same sentence names."""
        found: list[str] = []
        for other in self._sentence(block, spans, span):
            if other.text.endswith(".rs") and "<" not in other.text and "/" in other.text:
                found += [path for path in self._rust_files if path == other.text or path.endswith(f"/{other.text}")]
        return found

    def _symbol(self, block: Block, spans: Sequence[_Span], span: _Span, name: str, kinds: str) -> Iterator[Finding]:
        files = self._named_files(block, spans, span)
        if files:
            if self._defined(kinds, name, files) is None:
                other = self._defined(kinds, name)
                advice = f"`{other}` defines it" if other else "name a symbol that the file defines"
                there = Related(files[0], 1, 1, "the file that the sentence names")
                yield self._found(block, span, f"`{name}` is not defined in `{files[0]}`", advice, there)
        elif self._defined(kinds, name) is None:
            yield self._found(block, span, f"`{name}` is not defined in the code", "name a symbol that exists")

    def _type(self, block: Block, spans: Sequence[_Span], span: _Span) -> Iterator[Finding]:
        kinds = "struct|enum|trait|type|union"
        if self._named_files(block, spans, span):
            yield from self._symbol(block, spans, span, span.text, kinds)
        elif not self._occurs(span.text):
            yield self._found(block, span, f"`{span.text}`: no such type in the code", "name a type that exists")

    def _member(self, block: Block, span: _Span, owner: str, name: str) -> Iterator[Finding]:
        """Judge `Type::member`: an impl, trait or enum of that name has it."""
        seen = False
        for path in self._holding(owner):
            source = rust_text.code(self.target, path)
            if not re.search(rf"\b{owner}\b", source.bare):
                continue
            seen = True
            if re.search(rf"\b{name}\b", source.bare) and self._has_member(path, owner, name):
                return
        message = f"`{owner}` has no `{name}`" if seen else f"`{owner}`: no such type in the code"
        yield self._found(block, span, f"`{span.text}`: {message}", "name what the type has")

    def _has_member(self, path: str, owner: str, name: str) -> bool:
        file = rust.file(self.target, path)
        if any(known.name == name and known.owner == owner for known in rust.functions(file)):
            return True
        enum = re.search(rf"\benum\s+{owner}\b[^{{]*\{{([^}}]*)\}}", rust_text.code(self.target, path).bare)
        return bool(enum and re.search(rf"\b{name}\b", enum.group(1)))

    def _snake(self, block: Block, spans: Sequence[_Span], span: _Span) -> Iterator[Finding]:
        """Judge a lower-case name: a test or test file, a function, a module, a field, or a method that is called."""
        name = span.text.removesuffix("()")
        if "*" in name:
            pattern = re.compile(rf"\bfn\s+{name.replace('*', r'[a-z0-9_]*')}\b")
            stem = re.compile(rf"(?:^|/){name.replace('*', '[a-z0-9_]*')}\.rs$")
            prefix = name.partition("*")[0]
            if any(stem.search(path) for path in self._rust_files):
                return
            if not any(
                pattern.search(rust_text.code(self.target, path).bare) for path in self._holding(f"fn {prefix}")
            ):
                yield self._found(block, span, f"`{name}`: no test or file matches", "name tests that exist")
            return
        said = _says_test(block, span)
        if said and (other := self._no_test(name)) is not None:
            there = Related(other[0], *other[1], "the function of that name is none")
            yield self._found(
                block, span, f"`{name}` is no test that is compiled", "name a test, or make it one", there
            )
            return
        files = self._named_files(block, spans, span)
        if files and any(re.search(rf"\b{name}\b", rust_text.code(self.target, path).bare) for path in files):
            return
        if self._exists(f"{name}.rs") or self._exists(f"{name}/mod.rs") or self._occurs(name):
            return
        test = "test " if re.search(r"(?i)\b(?:tests?|regression)\b", block.plain.text) else ""
        yield self._found(block, span, f"`{name}`: no such {test}name in the code", self._nearest_function(name))

    def _no_test(self, name: str) -> tuple[str, tuple[int, int]] | None:
        """Give a function of that name when there is one but none, nor a file of that name, is a live test."""
        if self._exists(f"{name}.rs"):
            return None
        test = re.compile(rf"#\s*\[(?!\s*cfg)[^\]]*test[^\]]*\](?:\s*#\s*\[[^\]]*\])*[\w\s()]*?\bfn\s+{name}\b")
        first = None
        for path in self._holding(f"fn {name}"):
            source = rust_text.code(self.target, path)
            function = re.search(rf"\bfn\s+{name}\b", source.bare)
            if function and test.search(source.bare) and placed.is_live(self.target, path):
                return None
            first = first or (function and (path, source.place(function.start())))
        return first

    def _nearest_function(self, name: str) -> str:
        """Look for a function whose name begins alike, in the crates that the page names."""
        start = name[: max(len(name) // 2, 6)]
        for path in self.target.containing({f"fn {start}".encode()}, self._named_crates):
            found = re.findall(rf"\bfn\s+({start}\w*)", rust_text.code(self.target, path).bare)
            if found:
                return f"`{found[0]}` in `{path}` is close"
        return "name one that exists"

    # commands and variables

    @cached_property
    def _cli(self) -> Surface | None:
        try:
            return surface_of(self.target, self.params.cli)
        except SubjectMissingError:
            return None

    def _kebab(self, block: Block, span: _Span) -> Iterator[Finding]:
        """Judge a word with hyphens: a crate, a feature, a dependency or a subcommand."""
        name = span.text
        if name in self._packages or any(name in package.features for package in self._packages.values()):
            return
        if name.startswith(self.params.crate_prefix):
            if self._cli is None or name not in self.params.cli.programs:
                yield self._found(block, span, f"`{name}`: there is no such crate", self._nearest_crate(name))
            return
        if self._cli is not None and name in self._cli.names:
            return
        dependencies = {known.package for package in self._packages.values() for known in package.dependencies}
        if name in dependencies or self._cli is None:
            return
        near = difflib.get_close_matches(name, list(self._cli.names), 1)
        advice = f"did you mean `{near[0]}`?" if near else "name one that exists"
        yield self._found(block, span, f"`{name}`: no subcommand, feature or crate has this name", advice)

    def _flag(self, block: Block, span: _Span) -> Iterator[Finding]:
        words = span.text.split()
        flag, _, given = words[0].partition("=")
        if self._cli is None or flag in self.params.cli.foreign_flags:
            return
        arguments = [argument for _, argument in self._cli.flags.get(flag, ())]
        if not arguments:
            near = difflib.get_close_matches(flag, list(self._cli.flags), 1, 0.75)
            advice = f"did you mean `{near[0]}`?" if near else "name a flag that exists"
            yield self._found(block, span, f"`{flag}`: no command has such a flag", advice)
            return
        value = given or (words[1] if len(words) > 1 else "")
        listed = [self._cli.values(argument) for argument in arguments]
        names = [values[0] for values in listed if values]
        if (
            re.fullmatch(r"[\w.-]+", value)
            and len(names) == len(arguments)
            and not any(value in known for known in names)
        ):
            shown = ", ".join(f"`{name}`" for name in names[0])
            place = arguments[0].place
            there = Related(place.path, place.line, place.column, f"the values are {shown}")
            yield self._found(
                block, span, f"`{span.text}`: `{value}` is not a value of `{flag}`", f"the values are {shown}", there
            )

    def _command(self, block: Block, span: _Span) -> Iterator[Finding]:
        words = span.text.split()
        found = self._cli.resolve(words) if self._cli else None
        if found is None:
            yield self._found(
                block, span, f"`{span.text}`: there is no program `{words[0]}`", "name a program that exists"
            )
        elif found.rest and found.command.subcommands and re.fullmatch(r"[a-z][\w-]*", found.rest[0]):
            parent = " ".join(found.words)
            yield self._found(
                block, span, f"`{span.text}`: `{parent}` has no subcommand `{found.rest[0]}`", "name one that exists"
            )

    def _variable(self, block: Block, span: _Span, name: str) -> Iterator[Finding]:
        if environment.readers(self.target, name, self.params.registry) or self._defined("const|static", name):
            return
        entries = environment.registered(self.target, name, self.params.registry)
        there = [Related(at.path, at.line, at.column, f"`{name}` is only registered here") for at in entries]
        yield self._found(
            block, span, f"`{name}`: nothing reads this variable", "drop it, or name the one that is read", *there
        )


def _manifest(packages: Sequence[cargo.Package]) -> Iterator[Related]:
    for package in packages:
        yield Related(package.manifest, 1, 1, f"the manifest of `{package.name}`")


def _says_test(block: Block, span: _Span) -> bool:
    """Tell whether the word before or after a span calls it a test."""
    text = block.plain.text
    before, after = text[: span.start], text[span.end :]
    return bool(re.search(r"(?i)\b(?:tests?|regression)\W*$", before) or re.match(r"(?i)\W*tests?\b", after))


def _alternatives(path: str) -> Iterator[str]:
    """Write out `{a,b}`; braces around one word are a placeholder."""
    braces = re.search(r"\{([^{}]*,[^{}]*)\}", path)
    if braces is None:
        yield path
        return
    for choice in braces.group(1).split(","):
        yield from _alternatives(path[: braces.start()] + choice.strip() + path[braces.end() :])


def _bold(block: Block) -> str:
    return " ".join(inline.text for inline in block.inlines if inline.kind == "strong")


def _slug(heading: str) -> str:
    """Spell a heading as GitHub's and mdBook's anchors do."""
    return re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", heading.strip().lower()))
