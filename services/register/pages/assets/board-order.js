// What is louder than what: pure, by a line and the time.

export const UNASSIGNED_OVERDUE = 0, OVERDUE = 1, EMERGENCY_WAITING = 2, UNASSIGNED = 3, WAITING = 4, EMERGENCY = 5, CALM = 6;

/** The earliest clock that runs, in milliseconds, or Infinity; read once, for it is asked for at each frame. */
export function dueOf(line) {
  return (line.due ??= line.due_at ? Date.parse(line.due_at) : Infinity);
}

export function isOverdue(line, now) {
  return dueOf(line) <= now;
}

export function isWaiting(line) {
  return line.tasks.some((task) => task.state === "waiting");
}

/** Unassigned overdue work above all, then what is overdue, then emergencies that nobody has answered. */
export function rankOf(line, now) {
  if (isOverdue(line, now)) return line.unassigned ? UNASSIGNED_OVERDUE : OVERDUE;
  const emergency = line.lane === "emergency";
  if (emergency && (isWaiting(line) || line.unassigned)) return EMERGENCY_WAITING;
  if (line.unassigned) return UNASSIGNED;
  if (isWaiting(line)) return WAITING;
  return emergency ? EMERGENCY : CALM;
}

/** How many cards' room one takes. */
export function placesOf(rank) {
  return rank === UNASSIGNED_OVERDUE ? 2 : 1;
}

/** Within a rank: real before drills, emergencies first, then by the clock that runs out first, then the oldest. */
export function sorted(lines, now) {
  const keyed = lines.map((line) => ({ line, rank: rankOf(line, now), due: dueOf(line) }));
  return keyed.sort(compare);
}

function compare(a, b) {
  return (
    a.rank - b.rank ||
    a.line.drill - b.line.drill ||
    (a.line.lane > b.line.lane) - (a.line.lane < b.line.lane) ||
    (a.due === b.due ? 0 : a.due - b.due) ||
    (a.line.received_at ?? "").localeCompare(b.line.received_at ?? "") ||
    (a.line.report_id < b.line.report_id ? -1 : 1)
  );
}
