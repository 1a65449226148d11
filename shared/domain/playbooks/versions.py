"""A case keeps the playbook version it began with, so a version never changes once it is recorded."""

import hashlib
import json
from collections.abc import Mapping

from shared.domain.playbooks.format import Playbook
from shared.domain.playbooks.mistakes import Mistake
from shared.domain.playbooks.reading import Draft


def digest(book: Playbook) -> str:
    """Of everything the playbook says, common and included steps too; an unused new field changes nothing."""
    said = book.model_dump(mode="json", exclude_defaults=True)
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def check_digest(book: Playbook, draft: Draft, recorded: Mapping[str, Mapping[str, str]] | None) -> list[Mistake]:
    """A changed playbook needs a new number; its old file moves to `earlier/`."""
    if recorded is None:
        return []
    now, then = digest(book), recorded.get(book.playbook, {}).get(str(book.version))
    if then is None:
        text = (
            f'version {book.version} is not in digests.toml: add {book.version} = "{now}" under [{book.playbook}]'
        )
        return [draft.mistake(None, ("version",), text)]
    if then != now:
        text = f"changed without a new version: {book.version} is recorded with another content (now {now})"
        return [draft.mistake(None, ("version",), text)]
    return []
