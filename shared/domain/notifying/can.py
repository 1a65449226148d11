"""What a channel can carry, as the rules need to know it; each channel says so of itself."""

from typing import Literal, NamedTuple

Best = Literal["accepted", "delivered"]
Charset = Literal["ascii", "any"]


class Air(NamedTuple):
    """Air time of a channel that many share: `(characters × bits_each + bits_more) ÷ bits_per_s`."""

    bits_per_s: float
    bits_each: float
    bits_more: float = 0.0

    def seconds(self, text: str) -> float:
        return (len(text) * self.bits_each + self.bits_more) / self.bits_per_s


class Can(NamedTuple):
    """`receipt`: the best it can give. `length`: characters of one message. `open`: strangers can listen (SOP S10).

    `wait_s`: seconds, emergency and routine, in which that receipt has to come. `air`: None where none is shared.
    `ascii_length`: where text of seven bits may be longer, as in a text message.
    """

    receipt: Best
    length: int
    charset: Charset
    two_way: bool
    open: bool
    wait_s: tuple[float, float] = (10.0, 60.0)
    air: Air | None = None
    ascii_length: int | None = None
