"""Digest credentials for SIP (RFC 3261, 22; RFC 8760 for SHA-256): the answer to a 401 or 407."""

import hashlib
import re
from collections.abc import Callable, Iterable

_FIELD = re.compile(r'(\w+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_HASHES: dict[str, Callable[[bytes], "hashlib._Hash"]] = {"SHA-256": hashlib.sha256, "MD5": hashlib.md5}


def credentials(
    challenges: Iterable[str], method: str, uri: str, user: str, password: str, cnonce: str
) -> str | None:
    """The answer to the first challenge whose algorithm we know (RFC 8760, 2.4); None: there is none."""
    for challenge in challenges:
        scheme, _, rest = challenge.strip().partition(" ")
        asked = {found[1].lower(): found[2] or found[3] or "" for found in _FIELD.finditer(rest)}
        algorithm = asked.get("algorithm", "MD5").upper()
        offers = [offer.strip().lower() for offer in asked.get("qop", "").split(",") if offer.strip()]
        if scheme.lower() == "digest" and algorithm in _HASHES and (not offers or "auth" in offers):
            return _answered(asked, algorithm, bool(offers), (method, uri, user, password, cnonce))
    return None


def _answered(asked: dict[str, str], algorithm: str, with_qop: bool, ours: tuple[str, str, str, str, str]) -> str:
    def hashed(*parts: str) -> str:
        return _HASHES[algorithm](":".join(parts).encode()).hexdigest()

    method, uri, user, password, cnonce = ours
    realm, nonce = asked.get("realm", ""), asked.get("nonce", "")
    middle = (nonce, "00000001", cnonce, "auth") if with_qop else (nonce,)
    answer = hashed(hashed(user, realm, password), *middle, hashed(method, uri))
    fields = [f'username="{user}"', f'realm="{realm}"', f'nonce="{nonce}"', f'uri="{uri}"', f'response="{answer}"']
    fields += [f"algorithm={asked['algorithm']}"] if "algorithm" in asked else []
    fields += [f'opaque="{asked["opaque"]}"'] if "opaque" in asked else []
    fields += ["qop=auth", "nc=00000001", f'cnonce="{cnonce}"'] if with_qop else []
    return "Digest " + ", ".join(fields)
