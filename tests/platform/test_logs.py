"""JSON logs, and nothing of what residents said in them, whoever logs."""

import json
import subprocess
import sys

SCRIPT = """
import logging
from shared.platform.logs import configure, log

configure("tests", "emergency")
log.info("worked", report="emergency.medical.q.0", topic="replies.emergency", partition=3, offset=7, text="胸痛")
try:
    raise ValueError("王芳 13800138000")
except ValueError:
    logging.getLogger("uvicorn.error").exception("王芳 13800138000 in a traceback")
logging.getLogger("aiokafka").warning("quoted %s", "13800138000")
"""


def test_every_line_is_json_and_quotes_nothing() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["event"] for line in lines] == ["worked", "library", "library"]
    assert {"report", "topic", "partition", "offset", "service", "lane"} <= lines[0].keys()
    assert lines[1]["error"] == "ValueError" and lines[1]["name"] == "uvicorn.error"
    for said in ("王芳", "13800138000", "胸痛", "Traceback"):
        assert said not in done.stdout + done.stderr
