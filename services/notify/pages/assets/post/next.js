// Which answer comes next: the step's order, less what the register knows and what this device has said.
const KNOWN = {
  acknowledge: (task) => task.ack_by === null && (task.acknowledged_at || task.answers.length > 1),
  start: (task) => task.started_at || task.arrived_at,
  arrive: (task) => task.arrived_at,
  complete: () => false,
};
const INCLUDES = { arrive: ["acknowledge", "start"], start: ["acknowledge"], complete: ["acknowledge", "start", "arrive"] };

/** The answers still to be given, the next one first; `said` are types on their way. */
export function left(task, said) {
  const done = new Set(task.answers.filter((answer) => KNOWN[answer](task)));
  for (const answer of said) for (const one of [answer, ...(INCLUDES[answer] ?? [])]) done.add(one);
  return task.answers.filter((answer) => !done.has(answer));
}

/** Whether it rings: nobody has said 明白, neither here nor anywhere else. */
export function rings(task, said) {
  return task.ack_by !== null && !said.some((answer) => answer in INCLUDES || answer === "acknowledge" || GIVEN.has(answer));
}

export const GIVEN = new Set(["decline", "hand_on"]);
