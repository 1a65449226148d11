"""The language of an answer, from what the caller prefers."""


def language_of(accept_language: str) -> str:
    """`zh` unless English is clearly preferred (`Accept-Language`, RFC 9110 12.5.4)."""
    weights = {"zh": 0.0, "en": 0.0}
    for part in accept_language.lower().split(","):
        tag, _, parameter = part.strip().partition(";")
        name = tag.strip().split("-")[0]
        if name in weights:
            weights[name] = max(weights[name], _weight(parameter))
    return "en" if weights["en"] > weights["zh"] else "zh"


def _weight(parameter: str) -> float:
    _, _, value = parameter.replace(" ", "").partition("q=")
    try:
        return float(value) if value else 1.0
    except ValueError:
        return 0.0
