// The numbers at the top of the board: of what is real. Drills have cards, and are counted nowhere.
import { OVERDUE, UNASSIGNED_OVERDUE, isWaiting } from "/assets/register/board-order.js";

/** `order`: the lines that are shown, each with its rank. */
export function numbersOf(order) {
  const real = order.filter(({ line }) => !line.drill);
  const count = (is) => real.filter(is).length;
  return {
    unassigned: count(({ rank }) => rank === UNASSIGNED_OVERDUE),
    overdue: count(({ rank }) => rank <= OVERDUE),
    waiting: count(({ line }) => line.lane === "emergency" && (isWaiting(line) || line.unassigned)),
    open: real.length,
  };
}
