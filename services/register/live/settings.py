"""Settings of the register's streams and board, from the environment (`BAOSHI_REGISTER_…`)."""

from pydantic import Field

from shared.platform.settings import Settings


class LiveSettings(Settings):
    """Every one has a default that fits fifty estates on one screen."""

    register_stream_ring: int = Field(
        5000, ge=10, description="changes that a viewer who comes back is given; before them it loads anew"
    )
    register_stream_queue: int = Field(
        400, ge=2, description="pieces a slow viewer may have waiting before it is told to load anew"
    )
    register_stream_gather_ms: int = Field(
        20,
        ge=0,
        le=500,
        description="the longest that changes are gathered to go out together; the first one goes at once",
    )
    register_stream_idle_s: float = Field(
        60.0, ge=0, description="how long changes are watched after the last viewer has left"
    )
    register_board_reports: int = Field(3000, ge=1, description="most open reports on one board, emergencies first")
    register_board_replay_reports: int = Field(2000, ge=1, description="most reports of one instant of a replay")
    register_board_replay_events: int = Field(200_000, ge=1, description="most events that one instant is made of")
    register_board_figures_s: float = Field(10.0, ge=0, description="how old the board's figures of today may be")
    register_board_figures_share: float = Field(
        0.2, gt=0, le=1, description="how much of the time counting them may take from whoever watches"
    )
