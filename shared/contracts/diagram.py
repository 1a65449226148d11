"""Who tells what to whom, drawn from the table of topics for the README."""

from shared.contracts.topics import TOPICS


def conversations() -> dict[tuple[str, str], list[str]]:
    """From (speaker, reader) to the families of topics that pass between them, in the table's order."""
    found: dict[tuple[str, str], list[str]] = {}
    for topic in TOPICS:
        for pair in ((speaker, reader) for speaker in topic.spoken_by for reader in topic.read_by):
            families = found.setdefault(pair, [])
            if topic.family not in families:
                families.append(topic.family)
    return found


def mermaid() -> str:
    """A mermaid flowchart, one arrow for each pair of services."""
    arrows = [
        f"  {speaker} -->|{', '.join(families)}| {reader}"
        for (speaker, reader), families in conversations().items()
    ]
    return "\n".join(["flowchart LR", *arrows])
