"""The files of all pages, and what is wrong with one: words in no catalogue, markup from text, inline script."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, nodes
from jinja2.ext import extract_from_ast

from shared.platform.web.catalogues import SHARED
from tests.support.script_source import read_script

ROOT = Path(__file__).resolve().parents[2]
CHINESE = re.compile(r"[㐀-鿿豈-﫿]")
WORDS = re.compile(r"[A-Za-z]{2,}")
ELSEWHERE = re.compile(r"(?:https?:)?//(?!www\.w3\.org/)[\w.-]+\.\w|https?://(?!www\.w3\.org/)")
SAME_IN_BOTH = frozenset({"中文", "English", "演习 DRILL"})
"""A language's own name, and what nobody may mistake in either language."""
KEYS = frozenset({"Ctrl", "Enter", "Esc", "Tab", "Alt", "Shift"})
"""As they stand on a keyboard in either language."""
_SPOKEN = frozenset({"alt", "aria-label", "aria-description", "aria-roledescription", "placeholder", "title"})
_MARKUP = re.compile(
    r"\b(innerHTML|outerHTML|insertAdjacentHTML|createContextualFragment|DOMParser|setHTMLUnsafe|srcdoc"
    r"|createHTML|createScript(?!URL)|document\s*\.\s*write(?:ln)?|eval|new\s+Function)\b"
)
_CLASS = re.compile(r"\{% block \w*class %\}.*?\{% endblock %\}", re.DOTALL)
_JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)


class Folder(NamedTuple):
    """Of one service, or (`shared`) what all have."""

    name: str
    templates: Path
    assets: Path

    def files(self, ending: str) -> list[Path]:
        """Without what others wrote, which lies in `vendor`."""
        found = {*self.templates.rglob(f"*.{ending}"), *self.assets.rglob(f"*.{ending}")}
        return sorted(path for path in found if "vendor" not in path.parts)


def folders() -> list[Folder]:
    services = [path for path in sorted(ROOT.glob("services/*/pages")) if path.is_dir()]
    return [
        Folder("shared", SHARED, SHARED.parent / "assets"),
        *(Folder(path.parent.name, path, path / "assets") for path in services),
    ]


def words_of_template(source: str) -> list[str]:
    """What `_` and `{% trans %}` are given in it."""
    tree = _environment().parse(source)
    return [text for _, _, found in extract_from_ast(tree) for text in _each(found)]


def words_of_script(source: str) -> list[str]:
    return [text.value for text in read_script(source).texts if text.worded]


def faults_of_template(source: str) -> Iterator[str]:
    tree = _environment().parse(source)
    worded = {id(text) for call in tree.find_all(nodes.Call) if _is_word(call) for text in call.args}
    for text in tree.find_all(nodes.Const):
        said = text.value if isinstance(text.value, str) and id(text) not in worded else ""
        if CHINESE.search(said) and said not in SAME_IN_BOTH:
            yield f"line {text.lineno}: {said!r} stands outside _()"
    yield from ("the filter safe makes markup of text" for f in tree.find_all(nodes.Filter) if f.name == "safe")
    reader = _Html()
    reader.feed(_JINJA.sub(" ", _CLASS.sub("", source)))
    yield from reader.faults
    yield from _leads_elsewhere(source)


def faults_of_script(source: str) -> Iterator[str]:
    script = read_script(source)
    for text in script.texts:
        if CHINESE.search(text.value) and not text.worded and text.value not in SAME_IN_BOTH:
            yield f"line {text.line}: {text.value!r} stands outside t(), or is not all that t() is given"
        yield from (f"line {text.line}: {problem}" for problem in _leads_elsewhere(text.value))
    yield from (f"{found.group()} makes markup or code of text" for found in _MARKUP.finditer(script.code))
    if re.search(r"(?<![\w.$])(?<!function )t\(\s*(?!\"\"\s*[,)])", script.code):
        yield "t() is given something else than one whole text, which no test can look up"


def faults_of_style(source: str) -> Iterator[str]:
    yield from _leads_elsewhere(source)
    if "@import" in source:
        yield "@import loads one style after another"
    if re.search(r"content:\s*[^;]*(?:[A-Za-z]{2,}\s|[㐀-鿿])[^;]*;", re.sub(r"attr\([^)]*\)", "", source)):
        yield "content: says words outside the catalogues"


def _environment() -> Environment:
    return Environment(extensions=["jinja2.ext.i18n"], trim_blocks=True, lstrip_blocks=True)


def _each(found: str | tuple[str | None, ...] | None) -> list[str]:
    """None is what a template takes from a variable."""
    return [found] if isinstance(found, str) else [text for text in found or () if text]


def _is_word(call: nodes.Call) -> bool:
    return isinstance(call.node, nodes.Name) and call.node.name in ("_", "gettext", "ngettext")


def _leads_elsewhere(source: str) -> Iterator[str]:
    yield from (f"{found.group()}… leads elsewhere" for found in ELSEWHERE.finditer(source))


class _Html(HTMLParser):
    """Of a template without what Jinja fills in: nothing a person reads is left in it."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name: value or "" for name, value in attrs}
        if (tag == "script" and "src" not in names and names.get("type") != "application/json") or tag == "style":
            self._say(f"inline <{tag}>")
        for name, value in names.items():
            if name.startswith("on") or name == "style":
                self._say(f"attribute {name}")
            if name in _SPOKEN and (WORDS.search(value) or CHINESE.search(value)):
                self._say(f"{name}={value!r} is not in the catalogue")

    def handle_data(self, data: str) -> None:
        if (WORDS.search(data) or CHINESE.search(data)) and data.strip() not in SAME_IN_BOTH | KEYS:
            self._say(f"{data.strip()!r} is not in the catalogue")

    def _say(self, what: str) -> None:
        self.faults.append(f"line {self.getpos()[0]}: {what}")
