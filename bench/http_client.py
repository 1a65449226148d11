"""Files reports over HTTP from a process of its own: N connections, each with one request under way.

`python -m bench.http_client HOST PORT SECRET REPORTS CONNECTIONS [--keys]` prints requests a second and its CPU.
"""

import argparse
import asyncio
import json
import time
from uuid import uuid4

import uvloop

from bench.estate import CODE

_ACCEPTED = b"HTTP/1.1 202"


def _body(category: str) -> bytes:
    report = {"estate": CODE, "category": category, "place": "3栋1单元1201", "reporter_phone": "13800000000"}
    return json.dumps({**report, "text": "请问今年的电梯年检什么时候做，停运期间老人怎么上下楼？"}).encode()


def _request(asked: argparse.Namespace, body: bytes) -> bytes:
    key = f"idempotency-key: {uuid4().hex}\r\n" if asked.keys else ""
    head = (
        f"POST /v1/reports HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {asked.secret}\r\n{key}"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _connection(asked: argparse.Namespace, left: list[None], body: bytes) -> None:
    reader, writer = await asyncio.open_connection(asked.host, asked.port)
    while left:
        left.pop()
        writer.write(_request(asked, body))
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(_ACCEPTED):
            raise SystemExit(f"not accepted: {head[:200]!r}")
        await reader.readexactly(_length(head))
    writer.close()


def _length(head: bytes) -> int:
    line = next(h for h in head.split(b"\r\n") if h.lower().startswith(b"content-length:"))
    return int(line.partition(b":")[2])


async def run(asked: argparse.Namespace) -> None:
    left, body = [None] * asked.reports, _body(asked.category)
    began, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(_connection(asked, left, body) for _ in range(asked.connections)))
    seconds = time.perf_counter() - began
    share = (time.process_time() - cpu) / asked.reports * 1e6
    print(json.dumps({"rate": asked.reports / seconds, "cpu_us": share}))


def main() -> None:
    parser = argparse.ArgumentParser(prog="http_client")
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("secret")
    parser.add_argument("reports", type=int)
    parser.add_argument("connections", type=int)
    parser.add_argument("--category", default="inquiry")
    parser.add_argument("--keys", action="store_true", help="an Idempotency-Key with each")
    uvloop.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
