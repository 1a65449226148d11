"""The documents that come out of the register, masked by the role of who asks for one (SOP S10)."""

import asyncio
from datetime import datetime
from typing import IO, Literal, NamedTuple

from services.register.documents.csv_sheet import MEDIA_TYPE as CSV
from services.register.documents.fonts import Face, find_face
from services.register.documents.months import Month, Months
from services.register.documents.pdf_brief import write_brief
from services.register.documents.pdf_pages import MEDIA_TYPE as PDF
from services.register.documents.spool import FileName
from services.register.documents.writing import Begin, Desk, as_csv, as_pdf, as_xlsx, write_tables
from services.register.documents.xlsx_sheet import MEDIA_TYPE as XLSX
from services.register.figures import Counting, FiguresAsked
from services.register.problems import not_a_parameter, not_found
from services.register.queries import Queries
from services.register.readings import Readings
from services.register.settings import RegisterSettings
from shared.contracts.event import Words
from shared.domain.estates.roster import Estate
from shared.domain.registering.brief import brief, is_told_to_authorities
from shared.domain.registering.figure_tables import figure_tables
from shared.domain.registering.form import Line, lines
from shared.domain.registering.masking import masked, may_see
from shared.domain.registering.paper import Labels, Language, Paper, paper_of
from shared.platform.caller import Caller
from shared.platform.clock import Clock
from shared.platform.directory import Directory
from shared.platform.errors import Rejected

Kind = Literal["xlsx", "pdf", "csv"]
MEDIA_TYPES: dict[Kind, str] = {"xlsx": XLSX, "pdf": PDF, "csv": CSV}
_NO_BRIEF = Words(
    zh="快报只用于灾害,或须报主管部门的报事", en="A brief is for disasters and what an authority is to be told"
)


class Document(NamedTuple):
    """Ready to be sent."""

    file: IO[bytes]
    name: FileName
    media_type: str


class Documents:
    """One a process."""

    def __init__(
        self,
        directory: Directory,
        months: Months,
        queries: Queries,
        counting: Counting,
        labels: Labels,
        readings: Readings,
        clock: Clock,
        settings: RegisterSettings,
    ) -> None:
        self._directory, self._months, self._queries, self._counting = directory, months, queries, counting
        self._labels, self._readings, self._clock, self._settings = labels, readings, clock, settings
        self._desk = Desk(settings.register_documents_at_once, settings.register_document_s)

    async def estates(self, caller: Caller) -> dict[str, Estate]:
        """Those that the caller may enter, by their codes."""
        codes = [code for code in await self._directory.codes() if caller.may_enter(code)]
        found = {code: await self._directory.estate(code) for code in codes}
        return {code: estate for code, estate in found.items() if estate is not None}

    async def estate_names(self, caller: Caller, language: Language) -> dict[str, str]:
        found = await self.estates(caller)
        return {code: estate.en if language == "en" else estate.zh for code, estate in found.items()}

    async def paper(self, caller: Caller, code: str, language: Language) -> Paper:
        """Raises `Rejected` 404 for an estate that is not there for the caller."""
        estate = await self._directory.estate(code) if caller.may_enter(code) else None
        if estate is None:
            raise not_found()
        return paper_of(estate, code, self._labels, language, hidden=not may_see(caller.roles_in(code)))

    async def _shown(self, caller: Caller, code: str, language: Language, what: str) -> Paper:
        """The same; a person is shown names and phones only where it is recorded, once a session and `what`."""
        paper = await self.paper(caller, code, language)
        if paper.hidden or caller.session is None:
            return paper
        is_recorded = await self._readings.of_work(caller, what, code, self._clock.now())
        return paper if is_recorded else paper._replace(hidden=True, people={})

    async def register(self, caller: Caller, month: Month, kind: Kind, language: Language) -> Document:
        """The whole month."""
        paper = await self._shown(caller, month.estate, language, month.name)
        title = _title(paper, month)
        begin = await self._begin(paper, month, kind, title)
        chunks = self._months.chunks(month, paper.zone)
        file = await self._desk.register(begin, chunks, paper)
        mark = "drills-" if month.drills else ""
        plain = f"register-{mark}{month.estate}-{month.month}.{kind}"
        full = f"{title}_{paper.estate_name}_{month.month}.{kind}"
        return Document(file, FileName(plain, full), MEDIA_TYPES[kind])

    async def preview(self, caller: Caller, month: Month, language: Language, most: int) -> list[Line]:
        """The month's first lines, as the documents have them."""
        paper = await self._shown(caller, month.estate, language, month.name)
        chunks = self._months.chunks(month, paper.zone, most)
        return [line async for chunk in chunks for row, no in chunk for line in lines(row, no, paper)]

    async def count(self, month: Month, paper: Paper) -> int:
        return await self._months.count(month, paper.zone)

    async def disasters(self, month: Month, paper: Paper, most: int) -> list[tuple[str, Line]]:
        """The month's disaster reports, latest first: id, and the line as it was entered."""
        found = await self._months.disasters(month, paper.zone, most)
        return [(row["_id"], lines(row, number, paper)[0]) for row, number in found]

    async def statistics(self, caller: Caller, asked: FiguresAsked, now: datetime, language: Language) -> Document:
        figures = await self._counting.figures(asked, caller.estates, now)
        paper = await self.paper_of_figures(caller, asked.estate, language)
        tables = figure_tables(figures, paper, await self.estate_names(caller, language))
        title = paper.pick("月度统计", "Statistics")
        file = await self._desk.whole(lambda file: write_tables(file, tables, title))
        about = "-".join(part for part in (asked.estate, asked.from_month or f"{figures['to']:%Y-%m-%d}") if part)
        return Document(file, FileName(f"statistics-{about}.xlsx", f"{title}_{about}.xlsx"), XLSX)

    async def brief(self, caller: Caller, report_id: str, now: datetime, language: Language) -> Document:
        """Raises `Rejected` 404 for another estate's, 422 for what no authority is told of."""
        report = await self._queries.report(report_id, caller.estates)
        if report is None:
            raise not_found()
        if not is_told_to_authorities(report["row"]):
            raise Rejected(422, "no-brief", _NO_BRIEF, "report_id")
        paper = await self._shown(caller, report["estate"], language, report_id)
        written = brief(masked(report) if paper.hidden else report, paper, now)
        face = await self._face()
        file = await self._desk.whole(lambda file: write_brief(file, face, written, language))
        number = report["no"] or report_id
        return Document(file, FileName(f"brief-{number}.pdf", f"{written.title}_{number}.pdf"), PDF)

    async def _begin(self, paper: Paper, month: Month, kind: Kind, title: str) -> Begin:
        if kind == "xlsx":
            return as_xlsx(paper, title)
        if kind == "csv":
            return as_csv(paper)
        most = self._settings.register_pdf_reports
        if (count := await self._months.count(month, paper.zone)) > most:
            zh = f"该月有{count}宗报事,PDF最多{most}宗:请用xlsx或csv"
            en = f"{count} reports in this month, a PDF takes {most}: use xlsx or csv"
            raise not_a_parameter("month", zh, en)
        return as_pdf(paper, title, month.month, await self._face())

    async def _face(self) -> Face:
        return await asyncio.to_thread(find_face, self._settings.register_font)

    async def paper_of_figures(self, caller: Caller, code: str | None, language: Language) -> Paper:
        """Of several estates there is no one estate's names."""
        if code is not None:
            return await self.paper(caller, code, language)
        return paper_of(None, "", self._labels, language, hidden=True)


def _title(paper: Paper, month: Month) -> str:
    if month.drills:
        return paper.pick("报事报修登记表(演习)", "Register of reports (drills)")
    return paper.pick("报事报修登记表", "Register of reports")
