"""The keys of a handheld: one press is one answer; arrows choose the message that it answers to."""

from cli.handhelds.handheld import Handheld
from shared.domain.notifying.answers import KEYS

_COMPLETE = "4"
_EARLIER, _LATER, _BY_CODE, _OFF = "k", "j", "/", "q"
_ARROWS = {"\x1b[A": _EARLIER, "\x1b[B": _LATER, "\x1bOA": _EARLIER, "\x1bOB": _LATER}


class Keypad:
    """Without a terminal, lines do: their first character is the key, the rest is said with it."""

    def __init__(self, handheld: Handheld) -> None:
        self._handheld = handheld
        self._code: str | None = None
        self._words: str | None = None
        self.outcomes: tuple[str, ...] = ()
        self.off = False

    def typed(self, text: str) -> None:
        """As it comes from a terminal."""
        for sequence, key in _ARROWS.items():
            text = text.replace(sequence, key)
        for key in text:
            self.press(key)

    def line(self, text: str) -> None:
        """`1`, `1 马上到`, `/27`, `q`."""
        text = text.strip()
        if text.startswith(_BY_CODE):
            self._handheld.choose_code(text[1:].strip())
        elif text:
            self._words = text[1:].strip() or None
            self.press(text[0])
            self._words = None

    def press(self, key: str) -> None:
        """What is no key does nothing."""
        if self._code is not None:
            self._dial(key)
        elif self.outcomes:
            self._complete(key)
        elif key in KEYS:
            self._answer(key)
        elif key in (_EARLIER, _LATER):
            self._handheld.choose(-1 if key == _EARLIER else 1)
        elif key == _BY_CODE:
            self._code = ""
        elif key == _OFF:
            self.off = True

    def _answer(self, key: str) -> None:
        """Of several outcomes the next key is one."""
        chosen = self._handheld.chosen
        if key == _COMPLETE and chosen and len(chosen.message.outcomes) > 1:
            self.outcomes = chosen.message.outcomes[:9]
        else:
            self._handheld.answer(key, words=self._words)

    def _complete(self, key: str) -> None:
        outcomes, self.outcomes = self.outcomes, ()
        if key.isdecimal() and 0 < int(key) <= len(outcomes):
            self._handheld.answer(_COMPLETE, words=self._words, outcome=outcomes[int(key) - 1])

    def _dial(self, key: str) -> None:
        code = f"{self._code}{key}"
        self._code = code if key.isdecimal() and len(code) < 2 else None
        if self._code is None:
            self._handheld.choose_code(code)
