"""Programs of others that tests and demo talk to: on PATH, or unpacked from Debian's packages below `.local/peers`.

Any user can fetch them, and the machine stays as it is: apt works on a state of its own, and what it downloads is
unpacked, not installed. Standard library only.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / ".local" / "peers"
"""A folder in it is what one fetch unpacked, and is complete."""
PACKAGES = {
    "mosquitto": "mosquitto",
    "mosquitto_pub": "mosquitto-clients",
    "mosquitto_sub": "mosquitto-clients",
    "bearerbox": "kannel",
    "smsbox": "kannel",
    "Net::SNPP::Server": "libnet-snpp-perl",
    "baresip": "baresip-core",
    "sipp": "sip-tester",
    "chromium": "chromium",
    "wqy-microhei.ttc": "fonts-wqy-microhei",
}
"""Debian's package of each program, Perl module or font."""
ONLY_VARIABLE = "BAOSHI_PEERS_ONLY"
FAILED = 2

# What lies in usr/bin is Chromium's launcher, which starts the one that is installed.
_PROGRAMS = ("*/usr/lib/chromium", "*/usr/sbin", "*/usr/bin")
_SYSTEM = ("/usr/sbin", "/usr/local/sbin")
_FONTS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts")
_LIBRARIES = ("*/usr/lib/**/lib*.so.*", "*/usr/lib/**/lib*-[0-9]*.so", "*/lib/**/lib*.so.*")
_PERL = ("*/usr/share/perl5", "*/usr/share/perl/[0-9]*", "*/usr/lib/*/perl5/[0-9]*", "*/usr/lib/*/perl/[0-9]*")


class PeerMissing(Exception):
    """The text says in Chinese and English what is missing and how to get it, and then what apt said."""

    def __init__(self, zh: str, en: str, *said: str) -> None:
        super().__init__("\n  ".join([f"✗ {zh}", en, *said]))


class _Failed(Exception):
    """The text is what the program said."""


def find(name: str, below: Path = PEERS) -> str:
    """The path of the program, or of the Perl module's or the font's file. Raises PeerMissing.

    With BAOSHI_PEERS_ONLY=1, which is for tests, only what is unpacked counts.
    """
    sought = _module if "::" in name else _font if name.endswith(".ttc") else _program
    found = sought(name, below)
    if found is None:
        raise PeerMissing(f"没有找到 {name}，请先执行 make peers", f"{name} was not found, run make peers")
    return found


def modules_of(name: str, below: Path = PEERS) -> Path:
    """Where the plug-ins of the program lie that `find` finds. Raises PeerMissing."""
    prefix = Path(find(name, below)).resolve().parents[1]
    for library in ("lib", "lib64"):
        if (modules := prefix / library / name / "modules").is_dir():
            return modules
    raise PeerMissing(f"{name} 没有模块目录，请安装完整的 {name}", f"{name} has no modules, install all of {name}")


def environment(below: Path = PEERS) -> dict[str, str]:
    """What a program has to find in its environment to run unpacked; empty when nothing is unpacked."""
    libraries = {str(file.parent) for pattern in _LIBRARIES for file in below.glob(pattern)}
    perl = [str(folder) for pattern in _PERL for folder in sorted(below.glob(pattern))]
    # Fontconfig looks there even where nothing of it is set up.
    data = [str(fonts.parent) for fonts in sorted(below.glob("*/usr/share/fonts"))]
    paths = {"LD_LIBRARY_PATH": sorted(libraries), "PERL5LIB": perl, "XDG_DATA_DIRS": data}
    given = {**os.environ, "XDG_DATA_DIRS": os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"}
    return {
        variable: os.pathsep.join([*ours, *filter(None, [given.get(variable)])])
        for variable, ours in paths.items()
        if ours
    }


def provide(names: Iterable[str], into: Path = PEERS) -> None:
    """Fetches those that `find` does not find. Raises PeerMissing."""
    wanted = list(names)
    if missing := [name for name in wanted if not _is_there(name, into)]:
        _fetch(missing, into)
    for name in wanted:
        find(name, into)


def _only_unpacked(name: str) -> bool:
    return name in PACKAGES and os.environ.get(ONLY_VARIABLE) == "1"


def _is_there(name: str, below: Path) -> bool:
    try:
        find(name, below)
    except PeerMissing:
        return False
    return True


def _program(name: str, below: Path) -> str | None:
    unpacked = [str(folder) for pattern in _PROGRAMS for folder in below.glob(pattern)]
    system = [] if _only_unpacked(name) else [*os.environ.get("PATH", os.defpath).split(os.pathsep), *_SYSTEM]
    return shutil.which(name, path=os.pathsep.join([*filter(None, system), *unpacked]))


def _module(name: str, below: Path) -> str | None:
    file = name.replace("::", "/") + ".pm"
    for unpacked in below.glob(f"*/usr/share/perl5/{file}"):
        return str(unpacked)
    perl = shutil.which("perl")
    if perl is None or _only_unpacked(name):
        return None
    asked = [perl, f"-M{name}", "-e", f"print $INC{{'{file}'}}"]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout or None


def _font(name: str, below: Path) -> str | None:
    system = [] if _only_unpacked(name) else [Path(folder).expanduser() for folder in _FONTS]
    folders = [*system, *sorted(below.glob("*/usr/share/fonts"))]
    return next((str(file) for folder in folders for file in sorted(folder.rglob(name))), None)


def _fetch(names: list[str], into: Path) -> None:
    packages = sorted({PACKAGES[name] for name in names})
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise _not_fetched(names, packages, "没有 apt-get 或 dpkg-deb", "there is no apt-get or no dpkg-deb")
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".fetching-", dir=into) as scratch:
        unpacked = Path(scratch, "unpacked")
        try:
            for package in _downloaded(packages, Path(scratch)):
                _unpack(package, unpacked)
        except _Failed as failure:
            said = str(failure).splitlines()
            raise _not_fetched(names, packages, "下载或解包失败", "fetching failed", *said) from failure
        # Only whole: a program without its libraries would count as found.
        whole = into / "+".join(packages)
        shutil.rmtree(whole, ignore_errors=True)
        unpacked.rename(whole)


def _downloaded(packages: list[str], scratch: Path) -> list[Path]:
    """The packages with those they depend on that the machine does not have."""
    lists, cache = scratch / "lists", scratch / "cache"
    for folder in (lists, cache / "archives"):
        (folder / "partial").mkdir(parents=True)
    places = {"Dir::State::lists": lists, "Dir::Cache": cache, "Dir::Cache::archives": cache / "archives"}
    # The locks are the machine's, and root's apt would otherwise fetch as a user who may not write here.
    settings = {**places, "Debug::NoLocking": "1", "APT::Sandbox::User": ""}
    apt = ["apt-get", "-qq", *(word for key, value in settings.items() for word in ("-o", f"{key}={value}"))]
    # A source that fails may be one that has none of ours: what was downloaded tells.
    _, refreshing = _run(*apt, "update")
    # A package that is installed, and whose program yet was not found, is wanted too.
    options = ("--yes", "--download-only", "--no-install-recommends", "--reinstall")
    code, downloading = _run(*apt, "install", *options, *packages)
    downloaded = sorted((cache / "archives").glob("*.deb"))
    # Where an installed package cannot be downloaded, apt ends with 0 all the same.
    if code != 0 or not {deb.name.split("_")[0] for deb in downloaded}.issuperset(packages):
        raise _Failed(refreshing + downloading)
    return downloaded


def _unpack(package: Path, into: Path) -> None:
    code, said = _run("dpkg-deb", "--extract", str(package), str(into))
    if code != 0:
        raise _Failed(said)


def _run(*command: str) -> tuple[int, str]:
    surroundings = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def _not_fetched(names: list[str], packages: list[str], zh: str, en: str, *said: str) -> PeerMissing:
    programs, install = ", ".join(names), " ".join(packages)
    return PeerMissing(
        f"缺少 {programs}，无法自动取得（{zh}）。请自行安装，Debian 的软件包是：{install}",
        f"{programs} missing, and could not be fetched ({en}). Install them; Debian's packages are: {install}",
        *said,
    )


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Fetches the programs that are missing; installs nothing.")
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(PACKAGES)}; none: all")
    parser.add_argument("--into", default=PEERS, type=Path, help="where to unpack")
    parsed = parser.parse_args(arguments)
    if unknown := [name for name in parsed.names if name not in PACKAGES]:
        parser.error(f"unknown: {', '.join(unknown)}")
    try:
        provide(parsed.names or PACKAGES, parsed.into.resolve())
    except PeerMissing as missing:
        print(missing, file=sys.stderr)
        return FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
