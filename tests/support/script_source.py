"""Reads a page's script as far as its words need it: which texts stand in it, and which of them go through `t`."""

import re
from typing import NamedTuple

_TOKENS = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
      | (?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
      | (?P<regex>(?<=[=(,:\[!&|?{};\n])\s*/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/\w*)
      | (?P<tick>`)
      | (?P<open>\$\{|\{) | (?P<close>\})
      | (?P<code>.)""",
    re.VERBOSE | re.DOTALL,
)
_CALL = re.compile(r"(?<![\w.$])(?<!function )t\(\s*$")
_ENDS = re.compile(r"\s*[,)]")


class Text(NamedTuple):
    """A text of the script; `worded`: it is what `t` was called with, whole."""

    value: str
    line: int
    worded: bool


class Script(NamedTuple):
    """`code` is the script without comments and with each text as `""`."""

    texts: list[Text]
    code: str


def read_script(source: str) -> Script:
    """A template literal is a text for each part between its `${…}`, and never worded."""
    reader = _Reader(source)
    reader.read()
    return Script(reader.texts, "".join(reader.code))


class _Reader:
    def __init__(self, source: str) -> None:
        self.source, self.at = source, 0
        self.texts: list[Text] = []
        self.code: list[str] = []
        self._depths: list[int] = []
        """Of each template literal we are inside a `${…}` of: how many braces are open in it."""

    def read(self) -> None:
        while self.at < len(self.source):
            found = _TOKENS.match(self.source, self.at)
            assert found is not None
            self.at = found.end()
            self._take(str(found.lastgroup), found.group())

    def _take(self, kind: str, token: str) -> None:
        if kind == "text":
            self._add(token[1:-1].replace('\\"', '"').replace("\\'", "'"), self.at - len(token))
        elif kind == "tick":
            self._template()
        elif kind == "regex":
            self.code.append("/ /")
        elif kind == "close" and self._depths and self._depths[-1] == 0:
            self._depths.pop()
            self._template()
        elif kind != "comment":
            if kind in ("open", "close") and self._depths:
                self._depths[-1] += 1 if kind == "open" else -1
            self.code.append(token)

    def _add(self, value: str, begins: int) -> None:
        before = "".join(self.code[-40:])
        worded = bool(_CALL.search(before) and _ENDS.match(self.source, self.at))
        self.texts.append(Text(value, self.source.count("\n", 0, begins) + 1, worded))
        self.code.append('""')

    def _template(self) -> None:
        """From within a template literal to its end or its next `${`."""
        part = re.compile(r"(?:\\.|\$(?!\{)|[^`\\$])*", re.DOTALL).match(self.source, self.at)
        assert part is not None
        begins, self.at = self.at, part.end()
        self.texts.append(Text(part.group(), self.source.count("\n", 0, begins) + 1, worded=False))
        self.code.append('""')
        if self.source.startswith("${", self.at):
            self._depths.append(0)
            self.at += 2
        else:
            self.at += 1
