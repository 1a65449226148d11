"""What the register can be told beside the settings of every service."""

from pydantic import Field

from shared.platform.settings import Settings


class RegisterSettings(Settings):
    """From the environment, `BAOSHI_REGISTER_…`."""

    register_readings_kept_days: int = Field(
        1095, ge=180, description="how long it is known who read what is masked, and why"
    )
    register_room_reports: int = Field(
        2000, ge=10, description="newest reports of a building among which those of one room are looked for"
    )
