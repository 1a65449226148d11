"""What of an estate's file says how people are reached: channels, and the devices of posts and persons on them.

Devices of a holder are tried in the order of their rows, those of his post and his own together.
"""

from typing import Literal

from pydantic import Field, model_validator

from shared.domain.estates.rows import Hours, Row

Urgency = Literal["emergency", "routine", "morning"]
"""How urgent a notice is, which is not its case's lane: the morning's list wakes nobody (PLAYBOOKS 0.5, 8)."""
URGENCIES: tuple[Urgency, ...] = ("emergency", "routine", "morning")
Option = str | int | float | bool | list[str]


class DeviceChannel(Row):
    """A way to devices as this estate has it. What its `kind` takes as `options` is the channel's own to check.

    `secret` is a name, never the secret: it is read from the environment or a file (docs/channels.md). `open`:
    whether strangers can listen in, where the kind's own answer does not fit (SOP S10).
    """

    id: str = Field(pattern=r"^[a-z0-9-]{1,24}$")
    kind: str = Field(pattern=r"^[a-z0-9]{2,16}$")
    open: bool | None = None
    secret: str | None = Field(default=None, pattern=r"^[a-z0-9-]{1,40}$")
    options: dict[str, Option] = Field(default_factory=dict)


class Device(Row):
    """Belongs to one post or one person. `address` is what its channel calls it: a pager's number, a topic's post.

    `beside`: in the emergency lane it is rung together with the first one, not after it. `hours`: only then, over
    midnight when the second is not later. `tested`: whether the scheduled test goes to it.
    """

    id: str = Field(pattern=r"^[a-z0-9-]{1,24}$")
    channel: str
    address: str = Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")
    post: str | None = None
    person: str | None = None
    language: Literal["zh", "en"] | None = None
    beside: bool = False
    urgencies: tuple[Urgency, ...] = Field(default=URGENCIES, min_length=1)
    hours: Hours | None = None
    tested: bool = True

    @model_validator(mode="after")
    def _is_somebodys(self) -> "Device":
        if (self.post is None) == (self.person is None):
            raise ValueError("a device belongs to a post or to a person, to one of them")
        return self
