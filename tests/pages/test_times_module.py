"""Times in fields are by the estate's clock, whatever the computer's says."""

from pathlib import Path

from tests.support.modules import run_module


def test_a_field_shows_and_takes_the_estates_time_also_where_clocks_are_changed(tmp_path: Path) -> None:
    script = """
    const { fieldTime, timeOfField } = await import("/assets/times.js");
    const cases = [["2026-03-01T00:04:05Z"], ["2025-12-31T16:00:00Z"], ["2026-03-08T06:59:59Z", "America/New_York"],
      ["2026-03-08T07:00:00Z", "America/New_York"], ["2026-11-01T07:30:00Z", "America/New_York"],
      ["2026-06-01T03:00:00.900Z", "Asia/Kathmandu"]];
    const shown = cases.map(([iso, zone]) => fieldTime(iso, zone));
    const back = cases.map(([, zone], n) => new Date(timeOfField(shown[n], zone)).toISOString());
    done({ shown, same: back.map((iso, n) => iso.slice(0, 19) === cases[n][0].slice(0, 19)),
      short: new Date(timeOfField("2026-03-01T08:04")).toISOString(),
      none: [fieldTime("x"), timeOfField("") > 0] });
    """
    assert run_module(tmp_path, script) == {
        "shown": [
            "2026-03-01T08:04:05",
            "2026-01-01T00:00:00",
            "2026-03-08T01:59:59",
            "2026-03-08T03:00:00",
            "2026-11-01T02:30:00",
            "2026-06-01T08:45:00",
        ],
        "same": [True] * 6,
        "short": "2026-03-01T00:04:00.000Z",
        "none": ["", False],
    }


def test_a_mistyped_year_is_a_time_or_none_and_never_a_form_that_does_nothing(tmp_path: Path) -> None:
    script = """
    const { fieldTime, sentTime } = await import("/assets/times.js");
    done([sentTime("0202-03-01T10:00", "UTC"), fieldTime("0202-03-01T10:00:00Z", "UTC"),
      sentTime("12026-03-01T10:00", "UTC"), sentTime("", "UTC")]);
    """
    assert run_module(tmp_path, script) == ["0202-03-01T10:00:00.000Z", "0202-03-01T10:00:00", "", ""]


def test_the_desks_field_for_a_time_is_of_the_estate(tmp_path: Path) -> None:
    script = """
    const one = { estate: "E1", time_zone: "Asia/Urumqi", posts: [], people: {}, departments: [] };
    $at("desk-data").textContent = JSON.stringify({ estates: [one] });
    const { fieldOf } = await import("/assets/intake/desk/fields.js");
    const field = fieldOf({ field: "at", type: "time", zh: "时间" }, { value: "2026-03-01T00:00:00Z" });
    const shown = field.input.value;
    field.input.value = "2026-03-01T09:30:00";
    done([shown, field.read()]);
    """
    assert run_module(tmp_path, script) == ["2026-03-01T06:00:00", "2026-03-01T03:30:00.000Z"]
