"""The time of the installation: the host's, or one affine map of it for demos and tests."""

from datetime import UTC, datetime, timedelta

from shared.platform.settings import Settings

_MS = timedelta(milliseconds=1)


def floor_ms(at: datetime) -> datetime:
    """MongoDB keeps milliseconds; what is not kept is not compared."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


class Clock:
    """`at` maps a real instant (the host's, the database's, the broker's) to the installation's time."""

    def __init__(self, speed: float = 1.0, origin: datetime | None = None, start: datetime | None = None) -> None:
        self.speed = speed
        self._origin = origin or datetime.now(UTC)
        self._start = start or self._origin
        self._plain = speed == 1.0 and self._origin == self._start

    @classmethod
    def of(cls, settings: Settings) -> "Clock":
        return cls(settings.clock_speed, settings.clock_origin, settings.clock_start)

    def at(self, real: datetime) -> datetime:
        """The installation's time at a real instant, to the millisecond, never rounded up."""
        if self._plain:
            return floor_ms(real)
        return floor_ms(self._start + (real - self._origin) * self.speed)

    def at_ms(self, epoch_ms: int) -> datetime:
        """The same for a broker's timestamp."""
        return self.at(datetime.fromtimestamp(epoch_ms / 1000, UTC))

    def now(self) -> datetime:
        return self.at(datetime.now(UTC))

    def real_seconds(self, seconds: float) -> timedelta:
        """A real length of time, such as a lease, in the installation's time."""
        return timedelta(seconds=seconds * self.speed)
