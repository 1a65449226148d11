"""The programs of others: found where they are, fetched without being installed, or named in both languages."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local import peers
from deploy.local.peers import ONLY_VARIABLE, PeerMissing, environment, find, main, modules_of, provide

SCRIPT = Path(peers.__file__)


def program(folder: Path, name: str, script: str = "exit 0") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


def empty(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def test_a_program_on_path_goes_before_an_unpacked_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_path = program(tmp_path / "bin", "sipp")
    program(tmp_path / "peers/one/usr/bin", "sipp")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert find("sipp", tmp_path / "peers") == str(on_path)


def test_an_unpacked_program_is_found_where_path_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked = program(tmp_path / "one/usr/sbin", "no-such-program")
    monkeypatch.setenv("PATH", "")
    assert find("no-such-program", tmp_path) == str(unpacked)


def test_what_lies_in_the_working_directory_is_no_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "no-such-program")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(PeerMissing):
        find("no-such-program", tmp_path / "peers")


def test_only_the_unpacked_peers_count_when_a_test_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("sipp", "perl"):
        program(tmp_path / "bin", name)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv(ONLY_VARIABLE, "1")
    with pytest.raises(PeerMissing):
        find("sipp", tmp_path / "peers")
    unpacked = program(tmp_path / "peers/one/usr/bin", "sipp")
    assert find("sipp", tmp_path / "peers") == str(unpacked)
    # What runs a peer is none.
    assert find("perl", tmp_path / "peers") == str(tmp_path / "bin/perl")


def test_a_perl_module_is_asked_of_perl_and_an_unpacked_one_goes_first(tmp_path: Path) -> None:
    assert find("File::Spec", tmp_path).endswith("File/Spec.pm")
    unpacked = empty(tmp_path / "one/usr/share/perl5/File/Spec.pm")
    assert find("File::Spec", tmp_path) == str(unpacked)
    with pytest.raises(PeerMissing):
        find("No::Such::Module", tmp_path)


def test_a_font_of_the_system_goes_before_an_unpacked_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "_FONTS", (str(tmp_path / "system"),))
    with pytest.raises(PeerMissing):
        find("wqy-microhei.ttc", tmp_path)
    unpacked = empty(tmp_path / "one/usr/share/fonts/truetype/wqy/wqy-microhei.ttc")
    assert find("wqy-microhei.ttc", tmp_path) == str(unpacked)
    installed = empty(tmp_path / "system/deep/wqy-microhei.ttc")
    assert find("wqy-microhei.ttc", tmp_path) == str(installed)
    monkeypatch.setenv(ONLY_VARIABLE, "1")
    assert find("wqy-microhei.ttc", tmp_path) == str(unpacked)


def test_of_an_unpacked_chromium_the_browser_is_found_not_its_launcher(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the launcher starts the one that is installed, or nothing."""
    monkeypatch.setenv(ONLY_VARIABLE, "1")
    program(tmp_path / "one/usr/bin", "chromium")
    browser = program(tmp_path / "one/usr/lib/chromium", "chromium")
    assert find("chromium", tmp_path) == str(browser)


def test_a_font_is_found_unpacked_and_led_to_before_the_machines_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ONLY_VARIABLE, "1")
    monkeypatch.delenv("XDG_DATA_DIRS", raising=False)
    with pytest.raises(PeerMissing, match="wqy-microhei"):
        find("wqy-microhei.ttc", tmp_path)
    font = empty(tmp_path / "one/usr/share/fonts/truetype/wqy/wqy-microhei.ttc")
    assert find("wqy-microhei.ttc", tmp_path) == str(font)
    assert environment(tmp_path) == {"XDG_DATA_DIRS": f"{tmp_path}/one/usr/share:/usr/local/share:/usr/share"}


def test_what_is_missing_is_named_with_the_way_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(PeerMissing) as missing:
        find("no-such-program", tmp_path)
    zh, en = str(missing.value).splitlines()
    assert zh == "✗ 没有找到 no-such-program，请先执行 make peers"
    assert en == "  no-such-program was not found, run make peers"


def test_nothing_unpacked_needs_no_environment(tmp_path: Path) -> None:
    assert environment(tmp_path / "peers") == {}
    program(tmp_path / "one/usr/bin", "sipp")
    assert environment(tmp_path) == {}


def test_the_environment_leads_to_libraries_and_perl_before_what_was_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty(tmp_path / "one/usr/lib/x86_64-linux-gnu/libre.so.0")
    empty(tmp_path / "one/usr/lib/x86_64-linux-gnu/pulseaudio/libpulsecommon.so.1")
    empty(tmp_path / "one/usr/lib/x86_64-linux-gnu/private/libpulsecommon-16.1.so")
    empty(tmp_path / "two/lib/aarch64-linux-gnu/libpcre.so.3")
    empty(tmp_path / "one/usr/lib/baresip/modules/menu.so")
    empty(tmp_path / "two/usr/share/perl5/Net/SNPP.pm")
    empty(tmp_path / "two/usr/lib/x86_64-linux-gnu/perl/5.36/Socket.pm")
    empty(tmp_path / "two/usr/lib/x86_64-linux-gnu/perl/cross-config-5.36.0/Config.pm")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/theirs")
    monkeypatch.delenv("PERL5LIB", raising=False)
    folders = [
        tmp_path / "one/usr/lib/x86_64-linux-gnu",
        tmp_path / "one/usr/lib/x86_64-linux-gnu/private",
        tmp_path / "one/usr/lib/x86_64-linux-gnu/pulseaudio",
        tmp_path / "two/lib/aarch64-linux-gnu",
        Path("/theirs"),
    ]
    perl = [tmp_path / "two/usr/share/perl5", tmp_path / "two/usr/lib/x86_64-linux-gnu/perl/5.36"]
    assert environment(tmp_path) == {
        "LD_LIBRARY_PATH": ":".join(map(str, folders)),
        "PERL5LIB": ":".join(map(str, perl)),
    }


def test_modules_lie_beside_the_program_that_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ONLY_VARIABLE, "1")
    program(tmp_path / "one/usr/bin", "baresip")
    with pytest.raises(PeerMissing, match="baresip has no modules"):
        modules_of("baresip", tmp_path)
    menu = empty(tmp_path / "one/usr/lib/baresip/modules/menu.so")
    assert modules_of("baresip", tmp_path) == menu.parent


def test_nothing_is_fetched_when_all_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, "sipp")
    monkeypatch.setenv("PATH", str(tmp_path))
    provide(["sipp"], tmp_path / "peers")
    assert not (tmp_path / "peers").exists()


def test_without_apt_programs_and_packages_are_named_and_the_script_ends_with_2(tmp_path: Path) -> None:
    done = subprocess.run(
        # Isolated and without site-packages: it may run before any package is installed.
        [sys.executable, "-I", "-S", SCRIPT, "--into", tmp_path / "peers", "smsbox", "bearerbox", "sipp"],
        env={"PATH": str(tmp_path), ONLY_VARIABLE: "1", "PYTHONUTF8": "1", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 2
    zh, en = done.stderr.splitlines()
    assert zh.startswith("✗ 缺少 smsbox, bearerbox, sipp，无法自动取得（没有 apt-get 或 dpkg-deb）")
    assert "smsbox, bearerbox, sipp missing, and could not be fetched (there is no apt-get or no dpkg-deb)" in en
    assert zh.endswith("kannel sip-tester")
    assert en.endswith("kannel sip-tester")


def test_a_name_that_is_no_peer_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["mosquito"])
    assert "unknown: mosquito" in capsys.readouterr().err


@pytest.mark.parametrize("failing", ["apt-get", "dpkg-deb"])
def test_a_fetch_that_fails_midway_leaves_nothing_that_counts_as_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    into = tmp_path / "peers"
    archives = f"{into}/.fetching-*/cache/archives"
    scripts = {
        "apt-get": f'for folder in {archives}; do touch "$folder/a_1.deb" "$folder/sip-tester_1.deb"; done',
        # The program is unpacked before the package that fails.
        "dpkg-deb": 'mkdir -p "$3/usr/bin"; cp "$0" "$3/usr/bin/sipp"',
    }
    fails = {
        "apt-get": 'case "$*" in *update) ;; *) echo "E: no way there" >&2; exit 100; esac',
        "dpkg-deb": 'case "$2" in *sip-tester_1.deb) echo "E: no way there" >&2; exit 2; esac',
    }
    for name, script in scripts.items():
        program(tmp_path / "bin", name, script + ("\n" + fails[name] if name == failing else ""))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv(ONLY_VARIABLE, "1")

    with pytest.raises(PeerMissing) as missing:
        provide(["sipp"], into)

    zh, en, said = str(missing.value).splitlines()
    assert "sipp" in zh
    assert "sipp" in en
    assert said == "  E: no way there"
    assert list(into.iterdir()) == []


def test_an_installed_package_that_cannot_be_downloaded_is_said_to_be_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As apt ends with 0 when only that is the matter."""
    program(tmp_path / "bin", "apt-get", 'echo "W: cannot be downloaded" >&2')
    program(tmp_path / "bin", "dpkg-deb")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    monkeypatch.setenv(ONLY_VARIABLE, "1")
    with pytest.raises(PeerMissing) as missing:
        provide(["sipp"], tmp_path / "peers")
    _, _, *said = str(missing.value).splitlines()
    assert len(said) == 2
    assert list((tmp_path / "peers").iterdir()) == []


def test_mosquitto_fetched_with_what_it_depends_on_runs_and_nothing_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Needs Debian's repositories."""
    monkeypatch.setenv(ONLY_VARIABLE, "1")
    monkeypatch.setenv("APT_CONFIG", str(_a_machine_without("libdlt2", tmp_path)))
    before = Path("/var/lib/dpkg/status").read_bytes()

    provide(["mosquitto"], tmp_path / "peers")

    broker = find("mosquitto", tmp_path / "peers")
    assert Path(broker).is_relative_to(tmp_path)
    surroundings = {**os.environ, **environment(tmp_path / "peers")}
    said = subprocess.run([broker, "-h"], env=surroundings, capture_output=True, text=True, check=False)
    assert said.stdout.startswith("mosquitto version 2."), said.stderr
    linked = subprocess.run(["ldd", broker], env=surroundings, capture_output=True, text=True, check=True)
    [line] = [line for line in linked.stdout.splitlines() if "libdlt.so" in line]
    assert str(tmp_path) in line
    assert Path("/var/lib/dpkg/status").read_bytes() == before
    assert [folder.name for folder in (tmp_path / "peers").iterdir()] == ["mosquitto"]


def _a_machine_without(package: str, folder: Path) -> Path:
    """Settings under which apt believes that neither it nor what depends on it is installed."""
    installed = {
        found[1]: paragraph
        for paragraph in Path("/var/lib/dpkg/status").read_text().split("\n\n")
        if (found := re.match(r"Package: (\S+)", paragraph))
    }
    gone = [package]
    for name in gone:
        depends = re.compile(rf"^(Pre-)?Depends: .*(?<![\w.+-]){re.escape(name)}(?![\w.+-])", re.MULTILINE)
        installed.pop(name, None)
        gone += [other for other, paragraph in installed.items() if other not in gone and depends.search(paragraph)]
    status = folder / "status"
    status.write_text("".join(paragraph + "\n\n" for paragraph in installed.values()))
    settings = folder / "apt.conf"
    settings.write_text(f'Dir::State::status "{status}";\n')
    return settings
