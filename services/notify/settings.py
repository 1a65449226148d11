"""What notify can be told beside the settings of every service."""

from pathlib import Path

from pydantic import Field

from shared.platform.settings import Settings

LINE_PORT = 8105
LANE_PORTS = {"emergency": 8125, "routine": 8135}


class NotifySettings(Settings):
    """From the environment, `BAOSHI_NOTIFY_…`."""

    notify_secrets_dir: Path | None = Field(
        None, description="folder of channels' secrets, a file each; by default `secrets` in the state folder"
    )
    notify_at_once: int = Field(200, ge=1, description="emergency pages of one channel under way at once")
    notify_routine_at_once: int = Field(8, ge=1, description="routine pages of one channel under way at once")
    notify_send_s: float = Field(60.0, gt=0, description="longest time for one page, all tries of it included")
    notify_air_share: float = Field(
        0.5, gt=0, le=1, description="part of a shared channel's air time that routine pages may take"
    )
    notify_joined: int = Field(5, ge=1, description="most routine notices to one device in one message; 1: never")
    notify_sweep_s: float = Field(2.0, gt=0, description="how often pages recorded and not sent are sought")
    notify_sweep_after_s: float = Field(15.0, gt=0, description="age from which a recorded page is sought again")
    notify_catch_up_s: float = Field(
        2.0, ge=0, description="how long a fresh process reads what became of pages before it sends any again"
    )
    notify_closing_s: float = Field(5.0, ge=0, description="patience for pages under way when the process ends")
    notify_found_again_s: float = Field(3.0, ge=0, description="patience for a receipt that overtakes its page")
    notify_lost_after_s: float = Field(120.0, gt=0, description="how long a device may be lost before it is told")
    notify_tests: bool = Field(True, description="whether each device is tested once a day")
    notify_test_hour: int = Field(10, ge=0, le=23, description="the estate's hour from which devices are tested")
    notify_glass_kept_h: int = Field(72, ge=1, description="hours for which break-glass remembers what it told")
    notify_body_bytes: int = Field(256 * 1024, ge=1024, description="largest request body")

    @property
    def secrets_dir(self) -> Path:
        return self.notify_secrets_dir or self.state_dir / "secrets"
