"""The directory on a real MongoDB: fresh while it is there, kept while it is away, and never a secret in it."""

import json
import socket
from collections.abc import AsyncIterator
from copy import deepcopy
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from shared.contracts.vocabulary import ROLES
from shared.domain.estates.roster import Estate, Key
from shared.platform.admin_key import INSTALLATION, ensure_admin_key, hash_of, install_admin_key
from shared.platform.caller import Caller
from shared.platform.directory import ESTATES, Directory, estate_of
from shared.platform.directory_snapshot import read_snapshot, write_snapshot
from shared.platform.errors import Rejected, Unavailable, Unsafe
from shared.platform.estate_store import add_key, apply_estates, remove_key, stored_estate, stored_estates
from shared.platform.mongo import Database, connect, database
from shared.platform.settings import Settings
from tests.support.stack import Names, StackAddress

stack_only = pytest.mark.stack


class Seconds:
    """A monotonic clock that the test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def an_estate(code: str = "tiny", zh: str = "小院", **more: object) -> Estate:
    return Estate.model_validate({"estate": code, "zh": zh, "en": "Tiny", **more})


def a_key(secret: str, *roles: str, key_id: str = "app") -> Key:
    return Key.model_validate({"id": key_id, "sha256": hash_of(secret), "roles": roles})


@pytest.fixture
async def store(stack: StackAddress, names: Names) -> AsyncIterator[Database]:
    settings = Settings(mongo=stack.mongo_uri, mongo_database=names.database)
    async with connect(settings) as client:
        yield database(client, settings)


@pytest.fixture
async def away() -> AsyncIterator[Database]:
    """A MongoDB that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings = Settings(mongo=f"mongodb://127.0.0.1:{free.getsockname()[1]}/?replicaSet=rs0")
    async with connect(settings) as client:
        yield database(client, settings)


@stack_only
async def test_apply_adds_changes_and_leaves_alone(store: Database) -> None:
    first = await apply_estates(store, [an_estate(), an_estate("other")])
    again = await apply_estates(store, [an_estate(zh="新院"), an_estate("other")])
    assert [tuple(a) for a in first] == [("tiny", "added", 1), ("other", "added", 1)]
    assert [tuple(a) for a in again] == [("tiny", "changed", 2), ("other", "unchanged", 1)]
    assert [(s.estate.zh, s.revision) for s in await stored_estates(store)] == [("小院", 1), ("新院", 2)]


@stack_only
async def test_spelled_out_defaults_are_no_change(store: Database) -> None:
    await apply_estates(store, [an_estate()])
    (applied,) = await apply_estates(store, [an_estate(time_zone="Asia/Shanghai", working_days=False)])
    assert applied.change == "unchanged"


@stack_only
async def test_apply_is_all_or_nothing(store: Database) -> None:
    await apply_estates(store, [an_estate()])
    await add_key(store, "tiny", ["guard"], "app")
    clash = an_estate(keys=(a_key("x", "guard"),))
    with pytest.raises(Rejected, match="key_taken"):
        await apply_estates(store, [an_estate("other"), clash])
    assert [s.estate.estate for s in await stored_estates(store)] == ["tiny"]


@stack_only
async def test_an_added_key_survives_the_file_and_can_be_removed(store: Database) -> None:
    await apply_estates(store, [an_estate()])
    key, secret = await add_key(store, "tiny", ["guard", "guard"], note="patrol phones")
    await apply_estates(store, [an_estate(zh="新院")])
    assert (await stored_estate(store, "tiny")).estate.keys == (key,)
    assert key.sha256 == hash_of(secret) and key.roles == ("guard",)
    assert secret not in str(await store[ESTATES].find_one({"_id": "tiny"}))
    assert await remove_key(store, "tiny", key.id) is True
    assert await remove_key(store, "tiny", key.id) is False


@stack_only
@pytest.mark.parametrize(
    ("code", "key_id", "reason"),
    [("nowhere", "new", "no_estate"), ("tiny", "app", "key_taken"), ("tiny", "Bad Id", "key_id")],
)
async def test_keys_that_are_refused(store: Database, code: str, key_id: str, reason: str) -> None:
    await apply_estates(store, [an_estate(keys=(a_key("x", "guard"),))])
    with pytest.raises(Rejected, match=reason):
        await add_key(store, code, ["guard"], key_id)


@stack_only
async def test_whose_key_it_is(store: Database, tmp_path: Path) -> None:
    shared = a_key("both", "guard", "shift_leader", key_id="both")
    own = a_key("own", "customer_assistant")
    await apply_estates(store, [an_estate(keys=(shared, own)), an_estate("other", keys=(a_key("both", "guard"),))])
    admin = await install_admin_key(store, tmp_path)
    directory = Directory(store)
    assert await directory.by_secret("own") == Caller(
        "tiny.app", frozenset({"tiny"}), frozenset({"customer_assistant"})
    )
    both = await directory.by_secret("both")
    assert both is not None and (both.estates, both.roles) == ({"tiny", "other"}, {"guard"})
    assert await directory.by_secret(admin) == Caller("admin", None, frozenset(ROLES))
    assert [await directory.by_secret(wrong) for wrong in ("", "x", hash_of("own"), "\udcff")] == [None] * 4


@stack_only
async def test_a_key_over_the_hash_of_nothing_lets_nobody_in(store: Database) -> None:
    await apply_estates(store, [an_estate(keys=(a_key("", "guard"),))])
    assert await Directory(store).by_secret("") is None


@stack_only
async def test_the_cache_is_never_older_than_it_may_be(store: Database) -> None:
    seconds = Seconds()
    directory = Directory(store, max_age_s=30, seconds=seconds)
    await apply_estates(store, [an_estate()])
    assert await directory.estate("tiny") == an_estate()
    await apply_estates(store, [an_estate("tiny", "新院")])
    seconds.now += 14
    assert await directory.estate("tiny") == an_estate()
    seconds.now += 16
    assert (await directory.estate("tiny"), directory.age_s) == (an_estate("tiny", "新院"), 0)
    assert await directory.codes() == ("tiny",)


@stack_only
async def test_an_estate_that_was_just_applied_is_found_at_once(store: Database) -> None:
    """Its first emergency must not find nobody on duty for as long as the cache lasts."""
    seconds = Seconds()
    directory = Directory(store, max_age_s=30, seconds=seconds)
    assert await directory.estate("tiny") is None
    await apply_estates(store, [an_estate()])
    seconds.now += 0.5
    assert await directory.estate("tiny") is None
    seconds.now += 1
    assert await directory.estate("tiny") == an_estate()


@stack_only
async def test_an_unreadable_estate_hinders_no_other(store: Database) -> None:
    await apply_estates(store, [an_estate(), an_estate("other")])
    directory = Directory(store)
    await directory.refresh()
    await store[ESTATES].update_one({"_id": "tiny"}, {"$set": {"content.shifts": "?"}})
    await store[ESTATES].update_one({"_id": "other"}, {"$set": {"content.zh": "新院", "content.unheard_of": 1}})
    await directory.refresh()
    assert await directory.estate("tiny") == an_estate()
    assert await directory.estate("other") == an_estate("other", "新院")
    fresh = Directory(store)
    assert await fresh.codes() == ("other",)


@stack_only
async def test_a_process_starts_from_the_snapshot_when_mongodb_is_away(
    store: Database, away: Database, tmp_path: Path
) -> None:
    path = tmp_path / "state" / "directory.json"
    await apply_estates(store, [an_estate(keys=(a_key("own", "guard"),))])
    admin = await install_admin_key(store, tmp_path)
    await Directory(store, path).refresh()
    assert path.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in path.parent.iterdir()] == ["directory.json"]
    directory = Directory(away, path, timeout_s=0.2)
    assert (await directory.estate("tiny")) == an_estate(keys=(a_key("own", "guard"),))
    assert [c.key_id for s in ("own", admin) if (c := await directory.by_secret(s))] == ["tiny.app", "admin"]
    assert 0 <= directory.age_s < 600


@stack_only
async def test_a_stale_cache_is_kept_while_mongodb_is_away(store: Database, away: Database) -> None:
    seconds = Seconds()
    await apply_estates(store, [an_estate()])
    directory = Directory(store, seconds=seconds, timeout_s=0.2)
    await directory.refresh()
    directory._database = away
    seconds.now += 3600
    assert await directory.estate("tiny") == an_estate()
    assert directory.age_s == 3600
    directory._database = store
    await apply_estates(store, [an_estate(zh="新院")])
    await directory.refresh()
    assert await directory.estate("tiny") == an_estate(zh="新院") and directory.age_s == 0


OWN_ROWS = an_estate(
    overrides=({"playbook": "medical", "step": "call_120", "role": "guard"},),
    waits=({"role": "guard", "lane": "emergency", "waits": ("45s",)},),
)


@pytest.mark.parametrize(
    ("section", "bad"),
    [
        ("overrides", {"playbook": "medical", "step": "call_120", "role": "nurse"}),
        ("overrides", {"playbook": "meals", "step": "call_120"}),
        ("overrides", "medical"),
        ("waits", {"role": "guard", "lane": "emergency", "waits": ["9999999d"]}),
        ("waits", {"role": "guard", "lane": "emergency", "waits": []}),
    ],
)
def test_one_row_that_cannot_be_read_is_left_out_and_the_estate_stays(section: str, bad: object) -> None:
    document = {"_id": "tiny", "content": OWN_ROWS.model_dump(mode="json"), "revision": 1}
    document["content"][section].insert(0, bad)
    before = deepcopy(document)
    with capture_logs() as said:
        assert estate_of(document) == OWN_ROWS
    assert document == before, "what MongoDB has is kept for the snapshot as it is"
    assert [(line["event"], line["estate"], line["where"]) for line in said] == [
        ("estate row unreadable", "tiny", f"{section}#1")
    ]


def test_a_section_that_is_no_list_is_left_out_and_fields_of_a_newer_writer_are_ignored() -> None:
    content = OWN_ROWS.model_dump(mode="json")
    content["overrides"][0]["unheard_of"], content["waits"] = 1, {"guard": "45s"}
    with capture_logs() as said:
        estate = estate_of({"_id": "tiny", "content": content, "revision": 1})
    assert estate == OWN_ROWS.model_copy(update={"waits": ()})
    assert [line["where"] for line in said] == ["waits"]


@pytest.mark.parametrize("snapshot", [None, "", "{", "[]", '{"estates": []}', '{"estates": 1, "read_at": 1.0}'])
async def test_with_neither_it_says_so(away: Database, tmp_path: Path, snapshot: str | None) -> None:
    path = tmp_path / "directory.json"
    if snapshot is not None:
        path.write_text(snapshot)
    with pytest.raises(Unavailable):
        await Directory(away, path, timeout_s=0.2).estate("tiny")


def test_a_snapshot_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "directory.json"
    good = {"read_at": 1.0, "estates": [{"_id": "tiny"}]}
    write_snapshot(path, good)
    with pytest.raises(TypeError):
        write_snapshot(path, {"read_at": 2.0, "estates": [object()]})
    assert read_snapshot(path) == good == json.loads(path.read_text())
    assert [p.name for p in tmp_path.iterdir()] == ["directory.json"]


def test_the_administrators_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    state = tmp_path / "state"
    secret = ensure_admin_key(state)
    assert ensure_admin_key(state) == secret and len(secret) >= 40
    assert (state / "admin.key").stat().st_mode & 0o777 == 0o600
    assert [p.name for p in state.iterdir()] == ["admin.key"]


def test_an_empty_administrators_key_lets_nobody_in(tmp_path: Path) -> None:
    (tmp_path / "admin.key").write_text("\n")
    with pytest.raises(Unsafe):
        ensure_admin_key(tmp_path)


@stack_only
async def test_a_key_made_anew_replaces_the_old_one(store: Database, tmp_path: Path) -> None:
    old = await install_admin_key(store, tmp_path)
    (tmp_path / "admin.key").unlink()
    new = await install_admin_key(store, tmp_path)
    directory = Directory(store)
    assert await directory.by_secret(old) is None and await directory.by_secret(new) is not None
    assert await store[INSTALLATION].count_documents({}) == 1
