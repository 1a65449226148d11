"""What pages say stands in Chinese in them and in English in a catalogue; nothing of them comes from elsewhere."""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from shared.contracts.names import NAMES
from shared.platform.web.pages import LINKS
from tests.support.page_files import (
    CHINESE,
    ROOT,
    Folder,
    faults_of_script,
    faults_of_style,
    faults_of_template,
    folders,
    words_of_script,
    words_of_template,
)
from tests.support.script_source import read_script

PLACEHOLDERS = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
SHARED, *SERVICES = folders()
FAULTS = {"html": faults_of_template, "js": faults_of_script, "css": faults_of_style}
FILES = [path for folder in folders() for ending in FAULTS for path in folder.files(ending)]


def entries(folder: Folder) -> Iterator[tuple[str, str, str]]:
    """File, Chinese and English of each entry."""
    for path in sorted(folder.templates.glob("*.en.po")):
        with path.open("rb") as file:
            yield from ((path.name, str(m.id), str(m.string)) for m in read_po(file, locale="en") if m.id)


def said(folder: Folder) -> dict[str, str]:
    """Each text of the folder's templates and scripts, with a file that says it."""
    found: dict[str, str] = {}
    for ending, words in (("html", words_of_template), ("js", words_of_script)):
        for path in folder.files(ending):
            found |= dict.fromkeys(words(path.read_text(encoding="utf-8")), path.name)
    return found


def named(folder: Folder) -> set[str]:
    """Texts of the service's Python, which a template may be given to say by `_(name)`."""
    code = folder.templates.parent.rglob("*.py")
    return {text for path in code for text in re.findall(r'"([^"\n]*)"', path.read_text(encoding="utf-8"))}


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("folder", [SHARED, *SERVICES], ids=lambda folder: folder.name)
def test_every_text_has_its_english(folder: Folder) -> None:
    english = {zh for _, zh, en in [*entries(SHARED), *entries(folder)] if en}
    links = {link.zh: "pages.py" for link in LINKS} if folder is SHARED else {}
    missing = {text: where for text, where in {**said(folder), **links}.items() if text not in english}
    assert missing == {}, f"no English in services/{folder.name}/pages/*.en.po"


@pytest.mark.parametrize("folder", [SHARED, *SERVICES], ids=lambda folder: folder.name)
def test_no_english_is_left_of_what_is_said_no_more(folder: Folder) -> None:
    # What is shared may be said by any service.
    speakers = [SHARED, *SERVICES] if folder is SHARED else [folder]
    used = {text for speaker in speakers for text in said(speaker)} | named(folder)
    assert [f"{file}: {zh}" for file, zh, _ in entries(folder) if zh not in used] == []


@pytest.mark.parametrize("folder", [SHARED, *SERVICES], ids=lambda folder: folder.name)
def test_one_text_has_one_english_with_the_same_placeholders(folder: Folder) -> None:
    by_chinese = defaultdict(set)
    for file, zh, en in {*entries(SHARED), *entries(folder)}:
        by_chinese[zh].add(en)
        assert sorted(PLACEHOLDERS.findall(zh)) == sorted(PLACEHOLDERS.findall(en)), f"{file}: {zh}"
        assert not CHINESE.search(en), f"{file}: {en}"
    assert {zh: sorted(en) for zh, en in by_chinese.items() if len(en) > 1} == {}


@pytest.mark.parametrize("folder", [SHARED, *SERVICES], ids=lambda folder: folder.name)
def test_a_template_can_fill_in_its_texts(folder: Folder) -> None:
    """As Jinja does by `%`, for which a lone per cent sign is an error."""
    english = {zh: en for _, zh, en in [*entries(SHARED), *entries(folder)]}
    for path in folder.files("html"):
        for zh in words_of_template(path.read_text(encoding="utf-8")):
            values = {name: 1 for name in re.findall(r"%\((\w+)\)", zh)}
            for text in (zh, english.get(zh, "")):
                assert isinstance(text % values, str), f"{path.name}: {text}"


@pytest.mark.parametrize("path", FILES, ids=relative)
def test_a_file_says_nothing_by_itself_and_leads_nowhere_else(path: Path) -> None:
    assert list(FAULTS[path.suffix[1:]](path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("path", [p for p in FILES if p.suffix in (".js", ".html")], ids=relative)
def test_names_are_asked_of_tables_that_there_are(path: Path) -> None:
    asked = set(re.findall(r"""\b(?:nameOf|codesOf|name_of)\(["'](\w+)["']""", path.read_text(encoding="utf-8")))
    assert asked - NAMES.keys() == set()


@pytest.mark.parametrize("path", [p for p in FILES if p.suffix == ".js"], ids=relative)
def test_a_script_imports_only_files_that_there_are(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    for name in re.findall(r"""(?:\bfrom|^import)\s+["']([^"']+)["']""", source, re.MULTILINE):
        assert any(place.is_file() for place in places(path, name)), f"{name} is not there"


def places(path: Path, name: str) -> Iterator[Path]:
    """Where a script's import may lie: beside it, among what all have, or among what its service has."""
    if name == "/assets/names-table.js":
        yield ROOT / "shared/contracts/names.py"
    elif name.startswith("/assets/"):
        service, _, own = name.removeprefix("/assets/").partition("/")
        yield SHARED.assets / service / own
        yield ROOT / "services" / service / "pages/assets" / own
    elif name.startswith("."):
        yield (path.parent / name).resolve()


@pytest.mark.parametrize(
    ("ending", "source", "fault"),
    [
        ("html", "<p>{{ _('明白') }}</p><p>明白</p>", "not in the catalogue"),
        ("html", "<p>Report sent</p>", "not in the catalogue"),
        ("html", '<input placeholder="楼栋">', "placeholder"),
        ("html", "{% set a = '明白' %}", "outside _()"),
        ("html", "<p>{{ text | safe }}</p>", "safe"),
        ("html", '<p style="color: red">1</p>', "attribute style"),
        ("html", '<button onclick="{{ x }}">1</button>', "attribute onclick"),
        ("html", "<script>1</script>", "inline <script>"),
        ("html", '<script src="https://cdn.example/x.js"></script>', "elsewhere"),
        ("js", 'h("p", {}, "明白")', "outside t()"),
        ("js", "h(`明白 ${n}`)", "outside t()"),
        ("js", 't("明白" + x)', "not all that t() is given"),
        ("js", "t(word)", "no test can look up"),
        ("js", "a.innerHTML = b", "innerHTML"),
        ("js", 'a.insertAdjacentHTML("x", b)', "insertAdjacentHTML"),
        ("js", "document.write(b)", "document.write"),
        ("js", "eval(b)", "eval"),
        ("js", "trustedTypes.createPolicy(n, { createHTML: (s) => s })", "createHTML"),
        ("js", 'fetch("//cdn.example/x")', "elsewhere"),
        ("css", "a { background: url(https://cdn.example/x.png) }", "elsewhere"),
        ("css", 'a::before { content: "已过期"; }', "content"),
    ],
)
def test_what_is_wrong_is_found(ending: str, source: str, fault: str) -> None:
    assert fault in "\n".join(FAULTS[ending](source))


def test_of_a_script_only_what_t_says_is_to_be_translated() -> None:
    source = """
    // t("说明")
    const a = t("还有 {n} 秒", { n }); /* t("不是") */
    const b = `${h(t("明白"), { c: `${d}` })} x ${e}`, f = g.at("h"), i = x.replace(/["']/g, "");
    const j = t('出发');
    """
    assert words_of_script(source) == ["还有 {n} 秒", "明白", "出发"]
    assert list(faults_of_script(source)) == []
    assert [text.line for text in read_script(source).texts if text.value == "出发"] == [5]
