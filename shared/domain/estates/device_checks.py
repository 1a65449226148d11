"""What the rows of channels and devices cannot show by themselves: names that lead nowhere, one address twice."""

from collections.abc import Callable, Iterator

from shared.contracts.event import Words
from shared.domain.estates.draft import Draft, Problem, unknown


def _dangling_devices(draft: Draft) -> Iterator[Problem]:
    known = {"channel": ("渠道", "channel", "channels"), "post": ("岗位", "post", "posts")}
    known["person"] = ("人员", "person", "people")
    for row, device in draft.devices:
        for field, (zh, en, section) in known.items():
            name = getattr(device, field)
            if name is not None and name not in draft.ids[section]:
                yield unknown("devices", row, field, zh, en, name)


def _addresses(draft: Draft) -> Iterator[Problem]:
    """Two devices of one address: an answer would be anybody's."""
    seen: dict[tuple[str, str], int] = {}
    for row, device in draft.devices:
        first = seen.setdefault((device.channel, device.address), row)
        if first != row:
            zh, en = f"地址重复(见 devices#{first})", f"the same address (see devices#{first})"
            yield Problem("devices", row, "address", Words(zh=zh, en=en))


DEVICE_CHECKS: tuple[Callable[[Draft], Iterator[Problem]], ...] = (_dangling_devices, _addresses)
