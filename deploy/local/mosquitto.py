"""A real MQTT broker for handhelds, without containers: Mosquitto, from the system or from `.local/peers`."""

import getpass
import socket
import time
from pathlib import Path

from deploy.local.peers import PeerMissing, environment, find
from deploy.local.process import ManagedProcess, ProcessFailed

PORT = 1884
PORT_VARIABLE = "BAOSHI_MQTT_PORT"


class LocalMosquitto:
    """One broker under `directory`, which holds the passwords and rights that were written there before."""

    def __init__(self, directory: Path, files: Path, port: int = PORT) -> None:
        self.directory, self.port = directory.resolve(), port
        self._files = files
        self._config = self.directory / "mosquitto.conf"
        self.process = ManagedProcess("mosquitto", [], self.directory, environment())

    def start(self) -> None:
        """Returns at once; follow with wait_ready()."""
        self.directory.mkdir(parents=True, exist_ok=True)
        data = self.directory / "mosquitto-data"
        data.mkdir(exist_ok=True)
        self._config.write_text(_config(self._files, data, self.port), encoding="utf-8")
        try:
            self.process.command = [find("mosquitto"), "-c", str(self._config)]
        except PeerMissing as missing:
            raise ProcessFailed(str(missing)) from missing
        self.process.start()

    def wait_ready(self, timeout: float = 20.0) -> None:
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            self.process.check_alive()
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise ProcessFailed(f"Mosquitto not ready after {timeout:.0f} s:\n{self.process.log_tail()}")

    def alive(self) -> bool:
        return self.process.alive()

    def stop(self) -> None:
        self.process.stop()


def _config(files: Path, data: Path, port: int) -> str:
    """Nobody without a password, and what a handheld that is away is to get survives a kill."""
    rows = (
        # Started by root it would give its rights away, and could no longer read files that only root reads.
        f"user {getpass.getuser()}",
        f"listener {port} 127.0.0.1",
        "allow_anonymous false",
        f"password_file {files / 'passwords'}",
        f"acl_file {files / 'acl'}",
        "persistence true",
        f"persistence_location {data}/",
        "autosave_on_changes true",
        "autosave_interval 1",
        "retain_available false",
        "max_queued_messages 10000",
    )
    return "\n".join(rows) + "\n"
