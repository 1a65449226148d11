"""What bounds a rehearsal, from the environment (`BAOSHI_REHEARSAL_…`)."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class RehearsalSettings(BaseSettings):
    """The command takes the larger number of reports, the page the smaller."""

    model_config = SettingsConfigDict(
        env_prefix="BAOSHI_REHEARSAL_", frozen=True, extra="ignore", env_ignore_empty=True
    )

    days: int = Field(31, ge=1, le=366, description="the longest time that is rehearsed at once")
    reports: int = Field(5000, ge=1, description="so many reports at once by the command")
    page_reports: int = Field(300, ge=1, description="so many reports at once by the page")
    facts: int = Field(2000, ge=100, description="one report is cut after so many tasks, notices and changes")
    shown: int = Field(100, ge=1, description="so many reports are given by the command, those that differ first")
    rows: int = Field(200, ge=10, description="so many lines of one report are given by the command")
    page_shown: int = Field(30, ge=1, description="so many reports are shown by the page")
    page_rows: int = Field(60, ge=10, description="so many lines of one report are shown by the page")
    tolerance_ms: int = Field(1000, ge=0, description="told within it of when it was told is told at the same time")
    late_s: float = Field(2.0, ge=0, description="so late a ticker of the record may have been, in its own time")
    text_bytes: int = Field(262_144, ge=1024, description="the longest playbook or estate that the page takes")
    memory_mb: int = Field(1024, ge=256, description="the page's rehearsal is refused what needs more memory")
    seconds: float = Field(60.0, gt=0, description="after so long the page's rehearsal is ended")
