"""What a browser keeps is its signed-in reader's own, by the pages' modules themselves."""

from pathlib import Path

from tests.support.modules import run_module

_PHONE = """
const stored = (pages) => {
  const left = [...pages];
  const keys = async () => left.map((url) => ({ url }));
  const gone = async ({ url }) => left.splice(left.indexOf(url), 1);
  return [left, { keys: async () => ["baoshi-post"], open: async () => ({ keys, delete: gone }) }];
};
const pages = ["http://h/post", "http://h/post?estate=E1&post=p1", "http://h/assets/base.css"];
const [left, caches] = stored(pages);
Object.assign(globalThis, { caches, location: { href: "http://h/post" } });
const names = ["w1.E1.p1.tasks", "w2.E1.p1.tasks", "w2.E1.p1.answer.1"].map((name) => `baoshi.post.${name}`);
for (const name of names) localStorage.setItem(name, "[]");
const { forgetOthers } = await import("/assets/whose.js");
const kept = () => names.map((name) => localStorage.getItem(name) !== null);
"""


def test_the_next_reader_finds_no_page_and_no_task_of_the_last_and_his_unsent_answer_waits(tmp_path: Path) -> None:
    script = """
    await forgetOthers();
    const first = [left.length, left[0], kept()];
    localStorage.setItem("baoshi.post.w1.E1.p1.tasks", "[]");
    left.push(pages[1]);
    await forgetOthers();
    done([...first, left.length]);
    """
    assert run_module(tmp_path, _PHONE + script) == [2, "http://h/post", [True, False, True], 3]


def test_after_signing_out_no_page_and_no_task_is_left(tmp_path: Path) -> None:
    script = "await forgetOthers(); done([left, kept()]);"
    signed_out = 'document.documentElement.dataset.who = "";\n'
    assert run_module(tmp_path, signed_out + _PHONE + script) == [
        ["http://h/assets/base.css"],
        [False, False, True],
    ]


def test_an_answer_kept_in_a_phone_is_sent_by_nobody_else(tmp_path: Path) -> None:
    script = """
    globalThis.fetch = async () => { throw new TypeError(); };
    const entry = JSON.stringify({ name: "answer.1", key: "k", state: "waiting", body: {} });
    for (const who of ["w1", "w2"]) localStorage.setItem(`baoshi.post.${who}.E1.p1.answer.1`, entry);
    const { keepFor, all } = await import("/assets/notify/post/kept.js");
    keepFor("E1", "p1");
    const { own } = await import("/assets/whose.js");
    done([all("answer.").length, own("baoshi.desk.call")]);
    """
    assert run_module(tmp_path, script) == [1, "baoshi.desk.call.w1"]


def test_signing_out_leaves_what_a_desk_could_not_send_and_says_so(tmp_path: Path) -> None:
    script = """
    const said = [];
    document.querySelector = () => ({ prepend: (line) => said.push(line.children[0]) });
    const desk = (what, it) => sessionStorage.setItem(`baoshi.desk.${what}.w0`, JSON.stringify(it));
    desk("call", { category: "medical", report: "r", edited: [] });
    await import("/assets/session.js?taken");
    const calm = said.length;
    desk("call", { category: "medical", body: { category: "medical" }, report: null });
    desk("unsent", [{ key: "k" }]);
    await import("/assets/session.js?unsent");
    done([calm, said.length, sessionStorage.length]);
    """
    signed_out = 'document.documentElement.dataset.who = "";\n'
    assert run_module(tmp_path, signed_out + _PHONE + script) == [0, 1, 2]
