"""Runs the pages' modules without a browser, in the Node.js that Playwright brings along."""

import json
import subprocess
from pathlib import Path
from typing import Any

from playwright._impl._driver import compute_driver_executable

_ROOT = Path(__file__).parents[2]
_BROWSER = """
globalThis.Element = class Element extends EventTarget {
  constructor() { super(); this.dataset = {}; this.children = []; this.textContent = ""; this.hidden = false;
    this.classList = { toggle() {}, add() {} }; }
  append(...more) { this.children.push(...more); }
  setAttribute() {}
  remove() {}
}
const kept = () => {
  const all = new Map();
  return { getItem: (k) => all.get(k) ?? null, setItem: (k, v) => all.set(k, v), removeItem: (k) => all.delete(k),
    key: (n) => [...all.keys()][n], get length() { return all.size; } };
};
const at = new Map();
globalThis.$at = (id) => at.get(id) ?? at.set(id, new Element()).get(id);
globalThis.document = Object.assign(new Element(), {
  documentElement: { lang: "zh-CN", dataset: { intake: "", register: "", notify: "", service: "test", csrf: "c",
    who: "w1" } },
  body: new Element(), hidden: false, createElement: () => new Element(), getElementById: (id) => $at(id),
});
globalThis.sessionStorage = kept();
globalThis.localStorage = kept();
globalThis.addEventListener = () => {};
"""


def run_module(folder: Path, script: str) -> Any:
    """What the script gives to `done`; pages' modules are imported in it as in a page."""
    assets = folder / "assets"
    _copy(_ROOT / "shared/platform/web/assets", assets, assets)
    for service in ("intake", "notify", "register"):
        _copy(_ROOT / f"services/{service}/pages/assets", assets / service, assets)
    (assets / "names-table.js").write_text("export default {};")
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "browser.js").write_text(_BROWSER)
    told = "const done = (value) => { console.log(JSON.stringify(value)); process.exit(0); };\n"
    (folder / "script.js").write_text(_moved(f'import "./browser.js";\n{told}{script}', assets))
    node = compute_driver_executable()[0]
    ran = subprocess.run([node, folder / "script.js"], capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def _copy(source: Path, target: Path, assets: Path) -> None:
    for path in source.rglob("*.js"):
        if "vendor" not in path.parts:
            moved = target / path.relative_to(source)
            moved.parent.mkdir(parents=True, exist_ok=True)
            moved.write_text(_moved(path.read_text(), assets))


def _moved(text: str, assets: Path) -> str:
    return text.replace('"/assets/', f'"{assets}/')
