"""Setting a print: lines that fit, the font that is found, and what it has no type for."""

import io
from pathlib import Path

import pytest
from pypdf import PdfReader

from deploy.local.peers import find
from services.register.documents import fonts
from services.register.documents.csv_sheet import written
from services.register.documents.fonts import PEERS, Face, find_face
from services.register.documents.pdf_brief import write_brief
from services.register.documents.setting import broken
from shared.domain.registering.brief import Brief, Section
from shared.platform.errors import Rejected


def wide(text: str) -> float:
    return float(sum(1 if character.isascii() else 2 for character in text))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("水从楼上漏下来", ["水从楼上漏", "下来"]),
        ("漏水已有三天。", ["漏水已有三", "天。"]),
        ("漏水已有三。天", ["漏水已有三。", "天"]),
        ("call the office", ["call the", "office"]),
        ("13800138000138", ["1380013800", "0138"]),
        ("a\nb", ["a", "b"]),
        ("\x00\x1b\u202e字", ["   字"]),
    ],
)
def test_lines_fit(text: str, lines: list[str]) -> None:
    assert broken(text, 10, wide) == lines


def test_nothing_is_lost_between_lines() -> None:
    text = "3栋1单元1201水管爆裂,call 13800138000;急!" * 40
    joined = "".join(broken(text, 23, wide))
    assert joined.replace(" ", "") == text.replace(" ", "")


def a_face() -> Face:
    return find_face(Path(find("wqy-microhei.ttc", PEERS)))


def test_what_the_font_does_not_hold_is_marked_and_the_rest_is_set() -> None:
    face = a_face()
    assert face.settable("李𠮷先生\n") == "李〓先生\n"
    assert face.width("字", 10) == 10


def test_a_font_without_chinese_or_of_other_outlines_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "PLACES", ())
    (tmp_path / "broken.ttf").write_bytes(b"OTTO no outlines of ours")
    for chosen in (tmp_path / "broken.ttf", tmp_path / "missing.ttf", None):
        with pytest.raises(Rejected) as refused:
            find_face(chosen, tmp_path)
        assert (refused.value.status, refused.value.reason) == (503, "no-font")


def test_the_font_that_the_set_up_unpacked_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "PLACES", ())
    unpacked = tmp_path / "fonts/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"
    unpacked.parent.mkdir(parents=True)
    unpacked.symlink_to(find("wqy-microhei.ttc", PEERS))
    assert find_face(None, tmp_path).holds("报事")


def test_a_long_brief_has_its_mark_on_every_page() -> None:
    said = tuple((f"09:{n:02} 监控中心", "火警三楼,看监控报警点,备广播、消防设备 " * 3) for n in range(60))
    brief = Brief("书面快报", "待核对", (Section("一、事件", said),), ("拟稿", "核对", "签发"))
    file = io.BytesIO()
    write_brief(file, a_face(), brief, "zh")
    pages = [page.extract_text() for page in PdfReader(file).pages]
    assert len(pages) > 1 and all("待核对" in page for page in pages)
    assert "09:59" in "".join(pages) and "签发" in pages[-1]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_a_text_that_begins_a_formula_is_quoted_in_csv(begin: str) -> None:
    assert written(f"{begin}1+1") == f"'{begin}1+1"
    assert written(-1) == "-1" and written("a=1") == "a=1" and written(None) == ""
