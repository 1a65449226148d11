"""A real MongoDB, a replica set of one, without containers."""

import time
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local.process import ManagedProcess, ProcessFailed

ROOT = Path(__file__).resolve().parents[2]
MONGOD = ROOT / ".local" / "mongod" / "fiftyone" / "db" / "bin" / "mongod"
SET_NAME = "rs0"
NOT_YET_INITIALIZED = 94


class LocalMongo:
    """One mongod under `directory`; majority and journalled writes survive kill() and start()."""

    def __init__(self, directory: Path, port: int = 27117, *, mongod: Path = MONGOD) -> None:
        self.directory = directory.resolve()
        self.port = port
        self.uri = f"mongodb://127.0.0.1:{port}/?replicaSet={SET_NAME}"
        self._address = f"127.0.0.1:{port}"
        self._mongod = mongod
        self._data = self.directory / "mongo-data"
        self.process = ManagedProcess("mongod", self._command(), self.directory)

    def start(self) -> None:
        """Returns at once; follow with wait_ready(), which also makes the replica set."""
        if not self._mongod.is_file():
            raise ProcessFailed(f"no mongod at {self._mongod}: run `make setup` / 请先运行 make setup")
        self._data.mkdir(parents=True, exist_ok=True)
        self.process.start()

    def wait_ready(self, timeout: float = 60.0) -> None:
        """Returns when the node takes writes; a client made before that would not notice the set."""
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            self.process.check_alive()
            if self._takes_writes():
                return
            time.sleep(0.05)
        raise ProcessFailed(f"MongoDB not ready after {timeout:.0f} s:\n{self.process.log_tail()}")

    def stop(self) -> None:
        self.process.stop()

    def kill(self) -> None:
        """SIGKILL."""
        self.process.kill()

    def pause(self) -> None:
        """SIGSTOP."""
        self.process.pause()

    def resume(self) -> None:
        self.process.resume()

    def _command(self) -> list[str]:
        options = {
            "--dbpath": str(self._data),
            "--port": str(self.port),
            "--bind_ip": "127.0.0.1",
            "--replSet": SET_NAME,
            "--wiredTigerCacheSizeGB": "0.25",
            "--oplogSize": "256",
        }
        pairs = [part for option in options.items() for part in option]
        # No socket file in /tmp: two stacks of two users would meet there.
        quiet = ["--quiet", "--nounixsocket", "--setParameter", "diagnosticDataCollectionEnabled=false"]
        return [str(self._mongod), *pairs, *quiet]

    def _takes_writes(self) -> bool:
        try:
            with MongoClient[dict[str, Any]](
                self._address, directConnection=True, serverSelectionTimeoutMS=500
            ) as client:
                if client.admin.command("hello").get("isWritablePrimary"):
                    return True
                self._form_set(client)
        except PyMongoError:
            return False
        return False

    def _form_set(self, client: MongoClient[dict[str, Any]]) -> None:
        """Makes the set once, and moves it when the same data come up on another port."""
        try:
            config = client.admin.command("replSetGetConfig")["config"]
        except OperationFailure as refusal:
            if refusal.code == NOT_YET_INITIALIZED:
                member = {"_id": 0, "host": self._address}
                client.admin.command("replSetInitiate", {"_id": SET_NAME, "members": [member]})
            return
        if config["members"][0]["host"] != self._address:
            config["members"][0]["host"] = self._address
            config["version"] += 1
            client.admin.command("replSetReconfig", config, force=True)
