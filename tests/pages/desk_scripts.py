"""What the tests of the desk's modules begin with: its data, and a door that can be away."""

DESK = """
const place = { field: "where", report: "place" }, number = { field: "number", report: "reporter_phone" };
const one = { role: "customer_assistant", roles: [], posts: [], people: {} };
const estates = ["E1", "E2"].map((estate) => ({ estate, ...one }));
const sheets = { medical: { where: place, number }, repair: { where: place, number } };
$at("desk-data").textContent = JSON.stringify({ estates, sheets, always_emergency: ["medical"], emergencies: {} });
const calling = () => import("/assets/intake/desk/call.js");
"""

ASIDE = """
globalThis.setTimeout = (act) => setImmediate(act);
let away = true, posted = [], doors = {};
globalThis.fetch = async (path, { body, headers }) => {
  const { category } = JSON.parse(body);
  posted.push([category, headers["idempotency-key"]]);
  if (away) throw new TypeError();
  return Response.json(doors[category] ? { detail: "no" } : { report_id: category, unread: [] },
    { status: doors[category] ?? 202 });
};
document.querySelector = (selector) => $at(selector);
const aside = await import("/assets/intake/desk/aside.js");
const { isUnknown } = await import("/assets/intake/desk/outbox.js");
const { deliver } = await import("/assets/intake/desk/saying.js");
const answers = { place: "3栋" };
const call = (category, key) => ({ estate: "E1", category, key, answers, body: { category, ...answers } });
const until = (is) => new Promise((over) => { const look = () => (is() ? over() : setImmediate(look)); look(); });
const kept = () => JSON.parse(sessionStorage.getItem("baoshi.desk.aside.w1") ?? "[]");
"""
