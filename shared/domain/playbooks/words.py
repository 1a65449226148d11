"""Words fit a radio and a pager, with room for the drill's mark and a two-digit answer code (PLAYBOOKS 0.6.15)."""

import re

MOST_ZH = 34
MOST_EN = 70
PLACEHOLDERS = {
    "place": ("字" * 12, "x" * 12),
    "standby": ("字" * 12, "x" * 12),
    "kind": ("字" * 6, "x" * 12),
    "gate": ("字" * 6, "x" * 12),
}
"""What each is counted as, at its longest, in Chinese and in English."""

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def check_words(zh: str, en: str) -> list[tuple[str, str]]:
    """The key and what is wrong with it."""
    wrong: list[tuple[str, str]] = []
    for key, words, place, most in (("zh", zh, 0, MOST_ZH), ("en", en, 1, MOST_EN)):
        if not words.strip():
            wrong.append((key, f"{key}: words are missing"))
        unknown = sorted(set(_PLACEHOLDER.findall(words)) - set(PLACEHOLDERS))
        wrong += [(key, f"{key}: unknown placeholder {{{name}}}") for name in unknown]
        long = len(_filled(words, place))
        if long > most:
            wrong.append((key, f"{key}: too long for a radio or a pager, {long} characters, at most {most}"))
    if not en.isascii() or not en.isprintable():
        wrong.append(("en", "en: a pager takes printable ASCII only"))
    if not zh.isprintable():
        wrong.append(("zh", "zh: a line break or another character that cannot be shown"))
    return wrong


def check_kind(zh: str, en: str) -> str | None:
    """A kind's words fit where `{kind}` stands."""
    longest_zh, longest_en = PLACEHOLDERS["kind"]
    if not zh or not en or not en.isascii() or len(zh) > len(longest_zh) or len(en) > len(longest_en):
        return f"a kind has 1 to {len(longest_zh)} Chinese and 1 to {len(longest_en)} ASCII characters"
    return None


def _filled(words: str, language: int) -> str:
    return _PLACEHOLDER.sub(lambda found: PLACEHOLDERS.get(found[1], ("", ""))[language], words)
