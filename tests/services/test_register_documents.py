"""The register's documents, read back by other libraries and compared with the register's own rows (SOP S6, S9)."""

import csv
import io
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import httpx2 as httpx
import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from services.register.documents import months
from shared.domain.registering.columns import COLUMNS
from tests.support.lives import MORNING, Life, a_whole_life
from tests.support.register_case import FORMULA, PHONE, Register, a_register, corrected, fire
from tests.support.stack import Names, StackAddress

pytestmark = pytest.mark.stack

ZONE = ZoneInfo("Asia/Shanghai")
NOVEMBER = {"estate": "lanting", "month": "2026-11"}


@pytest.fixture
async def register(stack: StackAddress, names: Names, tmp_path: Path) -> AsyncIterator[Register]:
    async with a_register(stack.mongo_uri, names.database, tmp_path) as register:
        yield register


def month() -> dict[str, Life]:
    late = datetime(2026, 11, 30, 15, 59, tzinfo=UTC)
    return {
        "whole": a_whole_life(),
        "corrected": corrected(),
        "formula": Life("inquiry", at=MORNING + timedelta(minutes=9), text=FORMULA, reporter="@李"),
        "last": Life("inquiry", at=late, text="本月最后一分钟"),
        "next month": Life("inquiry", at=late + timedelta(minutes=1), text="下月第一分钟"),
        "drill": Life("medical", at=MORNING, drill=True, text="演习"),
        "elsewhere": Life("inquiry", estate="bihai", text="别处"),
    }


def sheet_of(answer: httpx.Response, name: str = "登记表") -> list[list[Any]]:
    assert answer.status_code == 200, answer.text
    return CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_name(name).to_python()


def table_of(answer: httpx.Response) -> list[list[str]]:
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def text_of(answer: httpx.Response) -> str:
    """Without what breaks lines."""
    assert answer.status_code == 200, answer.text
    pages = PdfReader(io.BytesIO(answer.content)).pages
    return "".join(re.sub(r"\s", "", page.extract_text()) for page in pages)


async def rows_of(register: Register) -> list[dict[str, Any]]:
    """What the register's own window tells of the estate, in the order of the form."""
    listed = (await register.get("/v1/reports", estate="lanting", limit=200)).json()["reports"]
    return [r for r in reversed(listed) if not r["drill"] and r["received_at"] < "2026-11-30T16:00"]


def local(at: str) -> datetime:
    return datetime.fromisoformat(at).astimezone(ZONE).replace(tzinfo=None)


async def test_each_report_of_the_month_stands_in_the_sheet_as_in_the_register(register: Register) -> None:
    await register.take(*month().values())
    head, *lines = sheet_of(await register.get("/v1/register.xlsx", **NOVEMBER))
    assert head == [column.zh for column in COLUMNS]
    reports = [line for line in lines if "更正" not in line[0]]
    rows = await rows_of(register)
    assert len(rows) == 4
    for line, row in zip(reports, rows, strict=True):
        cells = dict(zip((column.id for column in COLUMNS), line, strict=True))
        assert cells["no"] == row["no"]
        assert cells["received_at"] == local(row["received_at"]), "a time, and the estate's"
        assert cells["finished_at"] == (local(row["finished_at"]) if row["finished_at"] else "")
        assert cells["phone"] == (row["phone"] or "")
        if not cells["no"].endswith("2"):
            assert (cells["content"], cells["place"]) == (row["content"] or "", row["place"] or "")
    assert reports[0][8] == "咨询 · 日常"
    assert reports[0][15].endswith("答复内容:每月二百"), "named by the playbook's word"


async def test_a_correction_is_a_line_below_and_overwrites_nothing(register: Register) -> None:
    await register.take(corrected())
    _, first, place, text = sheet_of(await register.get("/v1/register.xlsx", **NOVEMBER))
    assert (first[6], first[7]) == ("3栋1单元1201", "-漏水"), "as it was entered"
    assert (place[0], place[7]) == ("2026-000001 更正", "地点:3栋1单元1201 → 3栋2单元1202")
    assert (place[1], place[10]) == (datetime(2026, 11, 20, 9, 7), "客户助理 姓名0")
    assert text[7] == "内容:-漏水 → +水管爆裂"
    english = sheet_of(await register.get("/v1/register.xlsx", language="en", **NOVEMBER), "Register")
    assert english[2][0] == "2026-000001 correction"
    assert english[2][7] == "place: 3栋1单元1201 → 3栋2单元1202"


async def test_no_cell_is_ever_a_formula(register: Register) -> None:
    await register.take(*month().values())
    answer = await register.get("/v1/register.xlsx", **NOVEMBER)
    with ZipFile(io.BytesIO(answer.content)) as parts:
        xml = parts.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in xml and "hyperlink" not in xml
    assert '<pane ySplit="1"' in xml and "<autoFilter" in xml
    assert FORMULA in [line[7] for line in sheet_of(answer)]
    table = table_of(await register.get("/v1/register.csv", **NOVEMBER))
    assert "'" + FORMULA in [line[7] for line in table]
    assert not [cell for line in table for cell in line if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


async def test_the_three_kinds_say_the_same(register: Register) -> None:
    await register.take(*month().values())
    sheet = sheet_of(await register.get("/v1/register.xlsx", **NOVEMBER))
    table = table_of(await register.get("/v1/register.csv", **NOVEMBER))
    printed = text_of(await register.get("/v1/register.pdf", **NOVEMBER))
    assert [[str(cell) for cell in line] for line in sheet] == [
        [c.removeprefix("'") for c in line] for line in table
    ]
    for line in sheet:
        for cell in line:
            shown = f"{cell:%Y-%m-%d %H:%M}" if isinstance(cell, datetime) else str(cell)
            assert re.sub(r"\s", "", shown) in printed, shown


async def test_the_print_has_head_numbers_and_lines_to_sign_and_embeds_its_font(register: Register) -> None:
    long = "水从楼上漏下来 " * 450
    await register.take(*(Life("repair", at=MORNING + timedelta(minutes=n), text=f"第{n}宗") for n in range(60)))
    await register.take(Life("repair", at=MORNING + timedelta(hours=2), text=long, place="4栋"))
    answer = await register.get("/v1/register.pdf", **NOVEMBER)
    reader = PdfReader(io.BytesIO(answer.content))
    count = len(reader.pages)
    assert count > 2
    for number, page in enumerate(reader.pages, 1):
        text = re.sub(r"\s", "", page.extract_text())
        assert "报事报修登记表" in text and "清河园" in text and "2026-11" in text and "接报时间" in text
        assert f"第{number}页共{count}页" in text
        assert (page.mediabox.width > page.mediabox.height) and round(page.mediabox.width) == 842
        fonts = [font.get_object() for font in page["/Resources"]["/Font"].values()]
        assert all("/FontFile2" in font["/FontDescriptor"] for font in fonts)
    whole = text_of(answer)
    assert whole.count("漏") == 450, "a line that is higher than a page is all there"
    assert "审核人(客户服务中心主任)" in whole and "登记人" in whole


async def test_names_and_phones_are_for_those_whose_role_allows_it(register: Register) -> None:
    await register.take(*month().values())
    guard, head = await register.key("guard"), await register.key("service_head")
    for kind, read in (("xlsx", sheet_of), ("csv", table_of), ("pdf", text_of)):
        hidden = str(read(await register.get(f"/v1/register.{kind}", guard, **NOVEMBER)))
        open_ = str(read(await register.get(f"/v1/register.{kind}", head, **NOVEMBER)))
        assert PHONE in open_ and "王先生" in open_ and "姓名0" in open_, kind
        assert PHONE not in hidden and "王先生" not in hidden and "姓名0" not in hidden, kind
        assert "王**" in hidden and "*********00" in hidden, kind


async def test_what_is_asked_for_has_to_be_there_and_to_be_ones_own(register: Register) -> None:
    await register.take(*month().values())
    theirs = await register.key("service_head", estate="bihai")
    for kind in ("xlsx", "pdf", "csv"):
        assert (await register.get(f"/v1/register.{kind}", theirs, **NOVEMBER)).status_code == 404
        assert (await register.client.get(f"/v1/register.{kind}", params=NOVEMBER)).status_code == 401
        for query, field in (({"month": "2026-13"}, "month"), ({"language": "fr"}, "language"), ({"x": "1"}, "x")):
            answer = await register.get(f"/v1/register.{kind}", **{**NOVEMBER, **query})
            assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
    assert (await register.get("/v1/statistics.xlsx", theirs, estate="lanting")).status_code == 404
    assert (await register.get("/v1/register.xlsx", estate="nowhere", month="2026-11")).status_code == 404


async def test_a_drill_has_a_register_of_its_own(register: Register) -> None:
    await register.take(*month().values())
    _, *lines = sheet_of(await register.get("/v1/register.xlsx", drills="true", **NOVEMBER))
    assert [(line[0], line[18]) for line in lines] == [("D2026-000001", "演习")]


async def test_a_download_is_named(register: Register) -> None:
    await register.take(*month().values())
    answer = await register.get("/v1/register.xlsx", **NOVEMBER)
    said = answer.headers["content-disposition"]
    assert 'filename="register-lanting-2026-11.xlsx"' in said
    assert "报事报修登记表_清河园_2026-11.xlsx" in unquote(said)
    assert answer.headers["cache-control"] == "no-store"


async def test_without_a_font_only_pdf_is_refused_and_says_what_to_do(
    stack: StackAddress, names: Names, tmp_path: Path
) -> None:
    nothing = tmp_path / "no.ttf"
    async with a_register(stack.mongo_uri, names.database, tmp_path, register_font=nothing) as register:
        answer = await register.get("/v1/register.pdf", accept="en", **NOVEMBER)
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:baoshi:problem:no-font")
        assert "BAOSHI_REGISTER_FONT" in answer.json()["detail"]
        assert (await register.get("/v1/register.xlsx", **NOVEMBER)).status_code == 200


async def test_a_document_that_takes_too_long_is_given_up(
    stack: StackAddress, names: Names, tmp_path: Path
) -> None:
    async with a_register(stack.mongo_uri, names.database, tmp_path, register_document_s=1e-6) as register:
        answer = await register.get("/v1/register.csv", **NOVEMBER)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")


async def test_a_month_is_read_in_parts_and_is_whole(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    await register.take(*(Life("inquiry", at=MORNING + timedelta(minutes=n), text=str(n)) for n in range(9)))
    whole = table_of(await register.get("/v1/register.csv", **NOVEMBER))
    for size in (1, 3, 4):
        monkeypatch.setattr(months, "CHUNK", size)
        assert table_of(await register.get("/v1/register.csv", **NOVEMBER)) == whole
    assert [line[7] for line in whole[1:]] == [str(n) for n in range(9)]


async def test_a_month_that_is_too_long_for_paper_is_told_so(
    stack: StackAddress, names: Names, tmp_path: Path
) -> None:
    async with a_register(stack.mongo_uri, names.database, tmp_path, register_pdf_reports=2) as register:
        await register.take(*month().values())
        answer = await register.get("/v1/register.pdf", **NOVEMBER)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "month")
        assert "xlsx" in answer.json()["detail"]


async def test_the_figures_of_a_month_as_a_sheet(register: Register) -> None:
    await register.take(*month().values())
    query = {"estate": "lanting", "from_month": "2026-11", "to_month": "2026-11"}
    (line,) = [
        line
        for line in (await register.get("/v1/statistics", **query)).json()["statistics"]
        if line["category"] == "inquiry"
    ]
    answer = await register.get("/v1/statistics.xlsx", **query)
    head, *lines = sheet_of(answer, "统计")
    cells = dict(zip(head, next(found for found in lines if found[1] == "咨询"), strict=True))
    assert (cells["宗数"], cells["超时"]) == (line["reports"], line["overdue"])
    assert cells["超时率"] == line["overdue_share"]
    assert seconds(cells["办结(中位)"]) == line["seconds"]["ended"]["p50"]
    assert sheet_of(answer, "回访")[0][:3] == ["小区", "类别", "回访步骤"]


def seconds(cell: Any) -> float:
    """A span of less than a day is read back as a time of day."""
    if isinstance(cell, time):
        return timedelta(hours=cell.hour, minutes=cell.minute, seconds=cell.second).total_seconds()
    assert isinstance(cell, timedelta)
    return cell.total_seconds()


async def test_a_brief_is_filled_in_and_marked_as_not_yet_checked(register: Register) -> None:
    life = fire()
    await register.take(life)
    path = f"/v1/reports/{life.report_id}/brief.pdf"
    text = text_of(await register.get(path))
    for said in (
        "待核对", "突发事件书面快报", "清河园", "2026-000001", "灾害·火警", "3栋", "三楼冒烟", "橙色预警", "黄",
        "2026-11-2012:00", "119", "2026-11-2009:02", "监控中心", "王先生", PHONE, "签发(管理处主任)", "第1页共",
    ):  # fmt: skip
        assert said in text, said
    hidden = text_of(await register.get(path, await register.key("guard")))
    assert PHONE not in hidden and "王先生" not in hidden and "三楼冒烟" in hidden
    english = text_of(await register.get(path, language="en"))
    assert "NOTYETCHECKED" in english and "Orangewarning" in english


async def test_a_brief_is_for_what_an_authority_is_told_of(register: Register) -> None:
    life, theirs = a_whole_life(), await register.key("service_head", estate="bihai")
    await register.take(life)
    answer = await register.get(f"/v1/reports/{life.report_id}/brief.pdf")
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:baoshi:problem:no-brief")
    assert (await register.get(f"/v1/reports/{life.report_id}/brief.pdf", theirs)).status_code == 404
