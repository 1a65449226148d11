"""The pages of a month: what they show is the register's, in both languages, and markup in it is text."""

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import pytest

from tests.support.lives import MORNING, Life
from tests.support.register_case import Register, a_register, corrected, fire
from tests.support.stack import Names, StackAddress

pytestmark = pytest.mark.stack

MARKUP = "<script>alert(1)</script>"


@pytest.fixture
async def register(stack: StackAddress, names: Names, tmp_path: Path) -> AsyncIterator[Register]:
    async with a_register(stack.mongo_uri, names.database, tmp_path) as register:
        await register.take(corrected(), fire(), Life("inquiry", text=MARKUP), Life("general", estate="bihai"))
        yield register


async def test_the_register_of_a_month_with_its_documents(register: Register) -> None:
    answer = await register.get("/register", estate="lanting", month="2026-11")
    assert answer.status_code == 200
    assert "本月共 3 宗" in answer.text and "2026-000003 更正" in answer.text
    assert MARKUP not in answer.text and MARKUP in unescape(answer.text)
    for kind in ("xlsx", "pdf", "csv"):
        assert (await register.get(link(answer.text, f"/v1/register.{kind}"))).status_code == 200
    assert (await register.get(link(answer.text, "brief.pdf"))).headers["content-type"] == "application/pdf"
    english = (await register.get("/register", language="en")).text
    assert "Register of reports" in english and "PDF to print and sign" in english and "Reporter" in english
    assert not re.search("[一-龥]", re.sub(r"<(table|ul).*?</\1>|中文", "", english, flags=re.DOTALL))


async def test_the_figures_of_a_month(register: Register) -> None:
    answer = await register.get("/statistics", month="2026-11")
    assert "清河园" in answer.text and "灾害" in answer.text and "按部门" in answer.text
    assert re.search(r"<td>清河园</td><td>灾害</td><td class=\"number\">1</td>", answer.text)
    for by in ("/v1/statistics.xlsx?from_month", "group_by"):
        assert (await register.get(link(answer.text, by))).status_code == 200
    english = (await register.get("/statistics", estate="lanting", language="en")).text
    assert "Overdue share" in english and "By department" in english
    assert not re.search("[一-龥]", english.replace("中文", ""))


async def test_a_page_shows_ones_own_estates_only(register: Register) -> None:
    theirs = await register.key("service_head", estate="bihai")
    for path in ("/register", "/statistics"):
        assert 'value="lanting"' not in (await register.get(path, theirs)).text
        other = await register.get(path, theirs, estate="lanting")
        assert other.status_code == 404 and "没有这个小区" in other.text
        assert (await register.client.get(path, params={"month": "2026-11"})).headers["location"] == (
            f"/session?next={path.replace('/', '%2F')}%3Fmonth%3D2026-11"
        )


@pytest.mark.parametrize("month", ["2026-13", "November", "2026-11'"])
async def test_a_month_that_is_none_is_named(register: Register, month: str) -> None:
    for path in ("/register", "/statistics"):
        answer = await register.get(path, month=month)
        assert answer.status_code == 422 and "月份请写成 2026-11" in answer.text


async def test_names_on_the_page_are_masked_by_role(register: Register) -> None:
    await register.take(Life("repair", at=MORNING, reporter="王先生", reporter_phone="13800138000"))
    page = (await register.get("/register", await register.key("guard"), month="2026-11")).text
    assert "13800138000" not in page and "王先生" not in page and "已遮盖" in page
    assert "13800138000" in (await register.get("/register", estate="lanting", month="2026-11")).text


def link(page: str, part: str) -> str:
    """The address of the first link with this in it."""
    return next(unescape(found) for found in re.findall(r'href="([^"]+)"', page) if part in unescape(found))
