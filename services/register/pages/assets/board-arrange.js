// Puts elements in order with the fewest moves: a card that goes from first to last is one move, not hundreds.

/** The container has exactly these, in this order, afterwards. */
export function arrange(container, elements) {
  const places = new Map([...container.children].map((element, place) => [element, place]));
  const stay = rising(elements.map((element) => places.get(element) ?? -1));
  let next = null;
  for (let n = elements.length - 1; n >= 0; n -= 1) {
    if (!stay.has(n)) container.insertBefore(elements[n], next);
    next = elements[n];
  }
}

/** Indices of a longest run of numbers that rises, -1 left out: those need not move (Schensted 1961). */
function rising(numbers) {
  const ends = [], before = [];
  numbers.forEach((number, n) => {
    if (number < 0) return;
    let low = 0, high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (numbers[ends[middle]] < number) low = middle + 1;
      else high = middle;
    }
    before[n] = low ? ends[low - 1] : -1;
    ends[low] = n;
  });
  const found = new Set();
  for (let n = ends.length ? ends[ends.length - 1] : -1; n >= 0; n = before[n]) found.add(n);
  return found;
}
