"""A browser as far as signing in goes: keeps cookies across ports, reads forms, follows what it is told."""

import re
from html import unescape
from urllib.parse import urljoin

import httpx2 as httpx

_FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
_FORM = re.compile(r'<form[^>]*action="([^"]*)"[^>]*>(.*?)</form>', re.DOTALL)


class Browser:
    """Nothing is followed by itself, so that each answer is seen."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.client = httpx.AsyncClient(timeout=20, follow_redirects=False)

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.get(urljoin(self.address, path), headers=headers)

    async def submit(self, page: httpx.Response, action: str, **fields: str) -> httpx.Response:
        """The form of this action, with its hidden fields."""
        found = [(unescape(a), body) for a, body in _FORM.findall(page.text)]
        target, body = next((a, body) for a, body in found if a.partition("?")[0] == action)
        hidden = {name: unescape(value) for name, value in _FIELD.findall(body)}
        return await self.post(target, {**hidden, **fields})

    async def post(self, path: str, fields: dict[str, str], **headers: str) -> httpx.Response:
        sent = {"origin": "null", "sec-fetch-site": "same-origin"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.post(urljoin(self.address, path), data=fields, headers=sent)

    async def sign_in(self, login: str, password: str, next_page: str = "") -> httpx.Response:
        page = await self.get(f"/session?next={next_page}" if next_page else "/session")
        return await self.submit(page, "/session", login=login, password=password)

    async def sign_in_again(self, login: str, password: str) -> httpx.Response:
        """Signed out in this browser, then in again."""
        await self.submit(await self.get("/session"), "/session/end")
        return await self.sign_in(login, password)

    async def close(self) -> None:
        await self.client.aclose()
