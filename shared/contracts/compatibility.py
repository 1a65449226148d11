"""Whether a schema may replace the recorded one under the same version: only optional fields may have been added.

Everything else, also what looks like a widening (one more value of an enum, a longer text), breaks a reader that
is still running with the older code, and needs a new version.
"""

from typing import Any

Schema = dict[str, Any]

_SUBSCHEMAS = ("anyOf", "oneOf", "allOf", "prefixItems", "items", "additionalProperties")
_NOT_COMPARED = frozenset({"title", "description", "examples", "$defs", "$ref", "properties", "required"})
"""Words for people, and what is followed or compared field by field."""


def breaks(recorded: Schema, current: Schema) -> list[str]:
    """What a reader of the recorded schema could not take, each with its path; empty for mere additions."""
    return _Comparison(recorded.get("$defs", {}), current.get("$defs", {})).compare("", recorded, current)


class _Comparison:
    def __init__(self, old_parts: Schema, new_parts: Schema) -> None:
        self._old_parts, self._new_parts = old_parts, new_parts

    def compare(self, path: str, old: Schema, new: Schema) -> list[str]:
        old, new = _followed(old, self._old_parts), _followed(new, self._new_parts)
        found = [f"{path or '.'}: {word} changed" for word in _differing(old, new)]
        return found + self._fields(path, old, new) + self._parts(path, old, new)

    def _fields(self, path: str, old: Schema, new: Schema) -> list[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        must_before, must_after = set(old.get("required", ())), set(new.get("required", ()))
        found = [f"{path}.{name}: removed" for name in before if name not in after]
        found += [f"{path}.{name}: now required" for name in sorted(must_after - must_before)]
        found += [
            f"{path}.{name}: no longer required" for name in sorted(must_before - must_after) if name in after
        ]
        for name in before:
            if name in after:
                found += self.compare(f"{path}.{name}", before[name], after[name])
        return found

    def _parts(self, path: str, old: Schema, new: Schema) -> list[str]:
        found: list[str] = []
        for word in _SUBSCHEMAS:
            before, after = _listed(old.get(word)), _listed(new.get(word))
            if len(before) != len(after):
                found.append(f"{path or '.'}: {word} changed")
                continue
            for one, other in zip(before, after, strict=True):
                found += self.compare(path, one, other)
        return found


def _followed(schema: Schema, parts: Schema) -> Schema:
    name = schema.get("$ref", "").rpartition("/")[2]
    return {**parts[name], **schema} if name else schema


def _differing(old: Schema, new: Schema) -> list[str]:
    words = sorted((old.keys() | new.keys()) - _NOT_COMPARED - set(_SUBSCHEMAS))
    return [word for word in words if word not in old or word not in new or not _same(old[word], new[word])]


def _same(one: Any, other: Any) -> bool:
    """Of one type too (to Python `False == 0`), and the values of an enum in any order."""
    if isinstance(one, list) and isinstance(other, list):
        return sorted(map(repr, one)) == sorted(map(repr, other))
    return type(one) is type(other) and bool(one == other)


def _listed(value: Any) -> list[Schema]:
    if value is None:
        return []
    parts = value if isinstance(value, list) else [value]
    return [part if isinstance(part, dict) else {"const": part} for part in parts]
