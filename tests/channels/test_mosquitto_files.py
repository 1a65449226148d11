"""Users, passwords and rights for a broker, beside what Mosquitto's own tool makes."""

import base64
import subprocess
from pathlib import Path

import pytest

from cli.mosquitto_files import ACL, PASSWORDS, SECRETS, acl_text, password_hash, posts_of, write_files
from deploy.local.peers import find
from shared.domain.estates.loading import read_estates
from tests.support.installation import ROOT


def _passwords(out: Path) -> dict[str, str]:
    return dict(line.split(":", 1) for line in (out / PASSWORDS).read_text().splitlines())


def _secrets(out: Path) -> dict[str, str]:
    return {file.name: file.read_text().strip() for file in (out / SECRETS).iterdir()}


def test_a_hash_is_the_one_that_mosquittos_own_tool_makes(tmp_path: Path) -> None:
    file = tmp_path / "theirs"
    command = [find("mosquitto_passwd"), "-b", "-c", str(file), "lanting.gate-south", "明白-s3cret"]
    subprocess.run(command, check=True, capture_output=True)
    theirs = file.read_text().strip().partition(":")[2]
    _, kind, rounds, salt, _ = theirs.split("$")
    assert kind == "7"
    assert password_hash("明白-s3cret", base64.b64decode(salt), int(rounds)) == theirs


def test_every_post_has_a_password_of_its_own_which_stands_nowhere_but_in_its_file(tmp_path: Path) -> None:
    made = write_files("lanting", ["gate-south", "gate-north"], tmp_path)
    assert made == ["notify", "lanting.gate-south", "lanting.gate-north"]
    secrets, hashes = _secrets(tmp_path), _passwords(tmp_path)
    assert secrets.keys() == hashes.keys() == set(made) and len(set(secrets.values())) == 3
    for user, secret in secrets.items():
        _, _, rounds, salt, _ = hashes[user].split("$")
        assert hashes[user] == password_hash(secret, base64.b64decode(salt), int(rounds))
        assert (tmp_path / SECRETS / user).stat().st_mode & 0o077 == 0
        assert not any(secret in file.read_text() for file in tmp_path.iterdir() if file.is_file())


def test_the_same_again_changes_no_password_and_other_estates_stay(tmp_path: Path) -> None:
    write_files("lanting", ["gate-south"], tmp_path)
    write_files("xinghe", ["desk"], tmp_path)
    before = _passwords(tmp_path)
    assert write_files("lanting", ["gate-south"], tmp_path) == []
    assert _passwords(tmp_path) == before
    assert before.keys() == {"notify", "lanting.gate-south", "xinghe.desk"}


def test_a_lost_device_gets_a_new_password_and_a_post_that_is_gone_loses_its_own(tmp_path: Path) -> None:
    write_files("lanting", ["gate-south", "gate-north", "desk"], tmp_path)
    before = _passwords(tmp_path)
    assert write_files("lanting", ["gate-south", "gate-north"], tmp_path, ["gate-south"]) == ["lanting.gate-south"]
    after = _passwords(tmp_path)
    assert after["lanting.gate-south"] != before["lanting.gate-south"]
    assert after["lanting.gate-north"] == before["lanting.gate-north"]
    assert "lanting.desk" not in after and "lanting.desk" not in _secrets(tmp_path)
    assert "desk" not in (tmp_path / ACL).read_text()


def test_a_configuration_that_somebody_changed_is_left_alone(tmp_path: Path) -> None:
    write_files("lanting", ["gate-south"], tmp_path)
    (tmp_path / "mosquitto.conf").write_text("listener 8883\n")
    write_files("lanting", ["gate-south", "desk"], tmp_path)
    assert (tmp_path / "mosquitto.conf").read_text() == "listener 8883\n"


def test_each_user_may_what_it_needs_and_no_more() -> None:
    assert acl_text(["notify", "lanting.gate-south"]) == (
        "user lanting.gate-south\n"
        "topic read baoshi/v1/lanting/gate-south/messages\n"
        "topic write baoshi/v1/lanting/gate-south/answers\n"
        "topic write baoshi/v1/lanting/gate-south/receipts\n"
        "topic write baoshi/v1/lanting/gate-south/status\n"
        "\n"
        "user notify\n"
        "topic write baoshi/v1/+/+/messages\n"
        "topic read baoshi/v1/+/+/answers\n"
        "topic read baoshi/v1/+/+/receipts\n"
        "topic read baoshi/v1/+/+/status\n"
    )


@pytest.mark.parametrize("name", ["lanting", "xinghe"])
def test_every_post_of_an_estate_and_every_device_on_mqtt_is_a_user(name: str) -> None:
    file = ROOT / "examples" / "estates" / f"{name}.toml"
    [estate] = read_estates({file.name: file.read_text()})
    posts = posts_of(estate)
    assert {post.id for post in estate.posts} <= set(posts)
    on_mqtt = {row.id for row in estate.channels if row.kind == "mqtt"}
    assert {device.address for device in estate.devices if device.channel in on_mqtt} <= set(posts)
