"""Shell scripts as the commands they run, through tree-sitter-bash: quoting undone, places kept.

What is only known when the script runs (a variable without a literal value, `$(...)`, an arithmetic expansion) is one
OPAQUE character in its word.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node

OPAQUE = "\ue000"
"""Stands in a word for text that only the running shell knows."""
NESTING_LIMIT = 200
LOOP_LIMIT = 32


@dataclass(frozen=True)
class Word:
    """One word after quoting and expansion; `start` is its character offset in the script."""

    value: str
    start: int


@dataclass(frozen=True)
class ShellCommand:
    """A simple command. `cwd` is where `cd` has led, relative to the start, or None when that is unknown.

    `enforcing` tells whether its failure makes the script fail.
    """

    words: tuple[Word, ...]
    assignments: tuple[tuple[str, str], ...]
    enforcing: bool
    cwd: str | None


def commands(
    script: str,
    variables: Mapping[str, str] | None = None,
    *,
    errexit: bool = True,
    pipefail: bool = False,
) -> tuple[ShellCommand, ...]:
    """Give the simple commands of `script` in order, wrappers such as `env` and `time` taken off.

    Raise ValueError when it is nested too deeply to be walked.
    """
    import tree_sitter_bash
    from tree_sitter import Language, Parser

    source = script.encode()
    tree = Parser(Language(tree_sitter_bash.language())).parse(source)
    shell = _Shell(source, dict(variables or {}), errexit, pipefail)
    shell.called = {shell.text(node) for node in _descendants(tree.root_node) if node.type == "command_name"}
    shell.block(tree.root_node, _Context(enforcing=True, final=True), 0)
    return tuple(shell.found)


@dataclass(frozen=True)
class _Context:
    """`enforcing`: a failure here can reach the script's status. `final`: the status of this is the block's own."""

    enforcing: bool
    final: bool
    certain: bool = True


_COMPOUND = {
    "program", "compound_statement", "subshell", "do_group", "else_clause", "elif_clause", "case_item", "if_statement",
}  # fmt: skip
_SKIPPED = {"comment", "heredoc_redirect", "herestring_redirect", "heredoc_body", "file_redirect"}


@dataclass
class _Shell:
    source: bytes
    variables: dict[str, str]
    errexit: bool
    pipefail: bool
    found: list[ShellCommand] = field(default_factory=list)
    called: set[str] = field(default_factory=set)
    cwd: str | None = ""
    ended: bool = False

    def text(self, node: Node) -> str:
        return self.source[node.start_byte : node.end_byte].decode(errors="replace")

    def offset(self, byte: int) -> int:
        return len(self.source[:byte].decode(errors="replace"))

    def block(self, node: Node, context: _Context, depth: int) -> None:
        """Visit the statements of a block; what follows an unconditional `exit` never runs."""
        statements = [child for child in node.children if child.is_named and child.type not in _SKIPPED]
        for index, statement in enumerate(statements):
            if self.ended:
                return
            following = statement.next_sibling
            background = following is not None and following.type == "&"
            last = index == len(statements) - 1
            inner = replace(
                context,
                enforcing=context.enforcing and not background and (self.errexit or (last and context.final)),
                final=last and context.final,
            )
            self.statement(statement, inner, depth + 1)

    def statement(self, node: Node, context: _Context, depth: int) -> None:
        if depth > NESTING_LIMIT:
            raise ValueError("nested too deeply")
        visit = getattr(self, f"visit_{node.type}", None)
        if visit is not None:
            visit(node, context, depth)
        elif node.type in _COMPOUND or node.type == "ERROR":
            self.block(node, context, depth)
        elif node.type not in _SKIPPED:
            self._substitutions(node, replace(context, enforcing=False), depth)

    def visit_subshell(self, node: Node, context: _Context, depth: int) -> None:
        saved = (self.cwd, dict(self.variables), self.errexit, self.pipefail, self.ended)
        self.block(node, context, depth)
        self.cwd, self.variables, self.errexit, self.pipefail, self.ended = saved

    def visit_list(self, node: Node, context: _Context, depth: int) -> None:
        left, right = (child for child in node.children if child.is_named and child.type != "comment")
        if any(child.type == "||" for child in node.children):
            reaches = context.enforcing and _fails(self, right)
            self.statement(left, replace(context, enforcing=reaches, final=True), depth + 1)
        else:
            # `a && b` leaves errexit alone when `a` fails: only as the last statement does it give the status.
            self.statement(left, replace(context, enforcing=context.enforcing and context.final), depth + 1)
        ended = self.ended
        self.statement(right, context, depth + 1)
        self.ended = ended

    def visit_pipeline(self, node: Node, context: _Context, depth: int) -> None:
        parts = [child for child in node.children if child.is_named and child.type != "comment"]
        for part in parts:
            kept = context if part is parts[-1] or self.pipefail else replace(context, enforcing=False)
            self.statement(part, kept, depth + 1)

    def visit_negated_command(self, node: Node, context: _Context, depth: int) -> None:
        for child in node.named_children:
            self.statement(child, replace(context, enforcing=False), depth + 1)

    def visit_redirected_statement(self, node: Node, context: _Context, depth: int) -> None:
        body = node.child_by_field_name("body")
        if body is None:
            return
        extra = [
            word
            for redirect in node.named_children
            if redirect.type == "file_redirect"
            for word in redirect.children_by_field_name("destination")[1:]
        ]
        if body.type == "command":
            self.visit_command(body, context, depth, extra)
        else:
            self.statement(body, context, depth + 1)

    def visit_if_statement(self, node: Node, context: _Context, depth: int) -> None:
        conditions = node.children_by_field_name("condition")
        bodies = [child for child in node.named_children if child not in conditions and child.type != "comment"]
        branches = [child for child in bodies if child.type in {"elif_clause", "else_clause"}]
        then = [child for child in bodies if child not in branches]
        negated = bool(conditions) and conditions[0].type == "negated_command"
        if negated:
            decides = bool(then) and _fails(self, then[-1])
        else:
            decides = bool(branches) and branches[-1].type == "else_clause" and _fails(self, branches[-1])
        for condition in conditions:
            inner = condition.named_children[0] if condition.type == "negated_command" else condition
            reaches = replace(context, enforcing=context.enforcing and decides, final=True)
            self.statement(inner, reaches, depth + 1)
        never = any(self.text(condition) == "false" for condition in conditions)
        ended, errexit = self.ended, self.errexit
        for index, child in enumerate(then):
            if self.ended:
                break
            last = context.final and index == len(then) - 1
            kept = context.enforcing and (errexit or last) and not never
            self.statement(child, _Context(kept, last, certain=False), depth + 1)
        for branch in branches:
            self.ended = ended
            self.statement(branch, replace(context, certain=False), depth + 1)
        self.ended = ended

    def visit_elif_clause(self, node: Node, context: _Context, depth: int) -> None:
        condition, *body = [child for child in node.named_children if child.type not in _SKIPPED]
        self.statement(condition, replace(context, enforcing=False), depth + 1)
        for child in body:
            self.statement(child, replace(context, certain=False), depth + 1)

    def visit_case_statement(self, node: Node, context: _Context, depth: int) -> None:
        ended = self.ended
        for item in node.named_children:
            if item.type == "case_item":
                self.ended = ended
                self.block(item, replace(context, certain=False), depth)
        self.ended = ended

    def visit_for_statement(self, node: Node, context: _Context, depth: int) -> None:
        name = self.text(node.named_children[0])
        body = node.child_by_field_name("body")
        if body is None:
            return
        values = [word.value for child in node.children_by_field_name("value") for word in self._word(child)]
        if not values or len(values) > LOOP_LIMIT or any(OPAQUE in value for value in values):
            values = [OPAQUE]
        for value in values:
            self.variables[name] = value
            self.block(body, context, depth)
        self.variables[name] = OPAQUE

    def visit_c_style_for_statement(self, node: Node, context: _Context, depth: int) -> None:
        body = node.child_by_field_name("body")
        if body is not None:
            self.block(body, replace(context, certain=False), depth)

    def visit_while_statement(self, node: Node, context: _Context, depth: int) -> None:
        body = node.child_by_field_name("body")
        for child in node.named_children:
            if child != body:
                self.statement(child, replace(context, enforcing=False), depth + 1)
        if body is not None:
            ended = self.ended
            self.block(body, replace(context, certain=False), depth)
            self.ended = ended

    def visit_function_definition(self, node: Node, context: _Context, depth: int) -> None:
        name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        if name is not None and body is not None and self.text(name) in self.called:
            ended = self.ended
            self.block(body, replace(context, final=True), depth)
            self.ended = ended

    def visit_variable_assignment(self, node: Node, context: _Context, depth: int) -> None:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        self._substitutions(node, context, depth)
        if name is None:
            return
        words = self._word(value) if value is not None else [Word("", 0)]
        literal = " ".join(word.value for word in words)
        known = context.certain or self.variables.get(self.text(name)) == literal
        self.variables[self.text(name)] = literal if known else OPAQUE

    def visit_variable_assignments(self, node: Node, context: _Context, depth: int) -> None:
        for child in node.named_children:
            self.statement(child, context, depth + 1)

    def visit_declaration_command(self, node: Node, context: _Context, depth: int) -> None:
        for child in node.named_children:
            if child.type == "variable_assignment":
                self.visit_variable_assignment(child, replace(context, enforcing=False), depth)

    def visit_command(self, node: Node, context: _Context, depth: int, extra: list[Node] | None = None) -> None:
        words: list[Word] = []
        assignments: list[tuple[str, str]] = []
        rest = list(extra or [])
        for child in node.named_children:
            if child.type == "variable_assignment":
                name, value = child.child_by_field_name("name"), child.child_by_field_name("value")
                literal = " ".join(word.value for word in self._word(value)) if value is not None else ""
                assignments.append((self.text(name) if name is not None else "", literal))
            elif child.type == "command_name":
                words.extend(self._word(child.named_children[0] if child.named_children else child))
            elif child.type == "file_redirect":
                rest.extend(child.children_by_field_name("destination")[1:])
            elif child.type not in _SKIPPED:
                words.extend(self._word(child))
        words.extend(word for child in rest for word in self._word(child))
        self._substitutions(node, replace(context, enforcing=False), depth)
        if not words:
            return
        self._effect([word.value for word in words], context)
        bare, prefixed = unwrap(words)
        if bare:
            given = (*assignments, *prefixed)
            self.found.append(ShellCommand(tuple(bare), given, context.enforcing, self.cwd))

    def _effect(self, argv: list[str], context: _Context) -> None:
        """Follow what a builtin does to the rest of the script: `set`, `cd`, `exit`, `unset`."""
        if argv[0] == "set":
            for flag, option in zip(argv[1:], [*argv[2:], ""], strict=True):
                on = flag.startswith("-")
                if re.fullmatch(r"[-+][a-zA-Z]+", flag):
                    self.errexit = on if "e" in flag else self.errexit
                    if "o" in flag and option == "pipefail":
                        self.pipefail = on
                    if "o" in flag and option == "errexit":
                        self.errexit = on
        elif argv[0] in {"cd", "pushd"}:
            where = argv[1] if len(argv) == 2 else OPAQUE
            known = self.cwd is not None and OPAQUE not in where and not where.startswith(("/", "~", "-"))
            self.cwd = posixpath.normpath(posixpath.join(self.cwd or "", where)) if known and context.certain else None
            self.cwd = "" if self.cwd == "." else self.cwd
        elif argv[0] == "popd":
            self.cwd = None
        elif argv[0] in {"exit", "return"} and context.certain:
            self.ended = True

    def _substitutions(self, node: Node, context: _Context, depth: int) -> None:
        """Visit the commands of `$(...)`, backquotes and `<(...)` inside a node."""
        for inner in _outermost(node, {"command_substitution", "process_substitution"}):
            if depth > NESTING_LIMIT:
                raise ValueError("nested too deeply")
            saved = (self.cwd, self.ended)
            self.block(inner, replace(context, final=True), depth + 1)
            self.cwd, self.ended = saved

    def _word(self, node: Node) -> list[Word]:
        """Give the words a node becomes: none for an empty variable, several for a split one."""
        start = self.offset(node.start_byte)
        value = self._value(node)
        if node.type in {"simple_expansion", "expansion"}:
            return [Word(part, start) for part in value.split()]
        return [Word(value, start)]

    def _value(self, node: Node, depth: int = 0) -> str:  # noqa: PLR0911 - one line for each kind of node
        text = self.text(node)
        if depth > NESTING_LIMIT:
            raise ValueError("nested too deeply")
        if node.type == "raw_string":
            return text[1:-1]
        if node.type == "ansi_c_string":
            return re.sub(r"\\(.)", r"\1", text[2:-1])
        if node.type in {"string", "translated_string"}:
            return self._string(node, depth)
        if node.type == "concatenation":
            if "{" in text and "," in text and any(child.type == "word" for child in node.children):
                return OPAQUE  # brace expansion
            return "".join(self._value(child, depth + 1) for child in node.children)
        if node.type in {"simple_expansion", "expansion"}:
            return self._variable(node)
        if node.type in {"command_substitution", "process_substitution", "arithmetic_expansion"}:
            return OPAQUE
        return re.sub(r"\\(\n|.)", lambda match: "" if match[1] == "\n" else match[1], text)

    def _string(self, node: Node, depth: int) -> str:
        """Undo double quotes; what lies between the expansions is literal, also where the grammar has no node."""
        inner = [child for child in node.named_children if child.type != "string_content"]
        parts = []
        at = node.start_byte + self.text(node).index('"') + 1
        for child in inner:
            parts.append(_unescape(self.source[at : child.start_byte].decode(errors="replace")))
            parts.append(self._value(child, depth + 1))
            at = child.end_byte
        parts.append(_unescape(self.source[at : node.end_byte - 1].decode(errors="replace")))
        return "".join(parts)

    def _variable(self, node: Node) -> str:
        text = self.text(node)
        plain = re.fullmatch(r"\$(\w+)|\$\{(\w+)\}", text)
        if plain:
            return self.variables.get(plain[1] or plain[2], OPAQUE)
        default = re.fullmatch(r"\$\{(\w+):?-([\w./,=-]*)\}", text)
        if default:
            return self.variables.get(default[1]) or default[2]
        return OPAQUE


def _unescape(text: str) -> str:
    return re.sub(r'\\(["\\$`\n])', lambda match: "" if match[1] == "\n" else match[1], text)


def _fails(shell: _Shell, node: Node) -> bool:
    """Tell whether a statement always gives a failing status: `false`, `exit 1`, a block that ends in one."""
    while node.type in {"compound_statement", "subshell", "else_clause", "redirected_statement"}:
        inner = [child for child in node.named_children if child.type not in _SKIPPED]
        if not inner:
            return False
        node = inner[-1]
    words = shell.text(node).split()
    if node.type != "command" or not words:
        return False
    if words[0] in {"exit", "return"}:
        return len(words) == 1 or words[1] != "0"
    return words[0] == "false"


def _descendants(node: Node) -> Iterator[Node]:
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(current.children)


def _outermost(node: Node, types: set[str]) -> Iterator[Node]:
    stack = list(reversed(node.children))
    while stack:
        current = stack.pop()
        if current.type in types:
            yield current
        elif current.type != "heredoc_redirect":
            stack.extend(reversed(current.children))


_WRAPPERS = {"command", "exec", "time", "nohup", "sudo", "nice", "ionice", "stdbuf", "timeout", "xvfb-run", "env"}
_WRAPPER_VALUES = {"nice": {"-n"}, "timeout": {"-k", "-s"}, "sudo": {"-u", "-g"}, "env": {"-u", "-C", "-S"}}


def unwrap(words: list[Word]) -> tuple[list[Word], tuple[tuple[str, str], ...]]:
    """Take off `env X=1`, `time`, `timeout 5m` and the like; give the command itself and the variables they set."""
    assignments: list[tuple[str, str]] = []
    while words and words[0].value in _WRAPPERS:
        wrapper, words = words[0].value, words[1:]
        while words and words[0].value.startswith("-"):
            takes_value = words[0].value in _WRAPPER_VALUES.get(wrapper, set())
            words = words[2 if takes_value else 1 :]
        if wrapper == "timeout":
            words = words[1:]
        while words and re.match(r"\w+=", words[0].value):
            name, _, value = words[0].value.partition("=")
            assignments.append((name, value))
            words = words[1:]
    return words, tuple(assignments)
