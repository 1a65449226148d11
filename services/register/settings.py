"""What the register can be told beside the settings of every service."""

from pathlib import Path

from pydantic import Field

from services.register.live.settings import LiveSettings
from services.register.memory import MOST_EVENTS


class RegisterSettings(LiveSettings):
    """From the environment, `BAOSHI_REGISTER_…`."""

    register_memory_events: int = Field(
        MOST_EVENTS,
        ge=0,
        description="events of open reports kept at hand, so that the log is not read again",
    )
    register_font: Path | None = Field(
        None, description="TrueType font with Chinese and Latin letters for PDF; by default one that is looked for"
    )
    register_pdf_reports: int = Field(
        3000, ge=1, description="most reports in one PDF of the register; xlsx and csv have no limit"
    )
    register_documents_at_once: int = Field(2, ge=1, description="documents written at once; more wait their turn")
    register_document_s: float = Field(
        120.0, gt=0, description="longest time that one document is waited for and written"
    )
    register_readings_kept_days: int = Field(
        1095, ge=180, description="how long it is known who read what is masked, and why"
    )
    register_room_reports: int = Field(
        2000, ge=10, description="newest reports of a building among which those of one room are looked for"
    )
