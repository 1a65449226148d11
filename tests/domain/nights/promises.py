"""How a broken promise is said."""


class Broken(AssertionError):
    """Which promise, of which report."""


def must(holds: object, *what: object) -> None:
    if not holds:
        raise Broken(" ".join(str(one) for one in what))
