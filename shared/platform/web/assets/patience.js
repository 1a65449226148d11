// How long a network is waited for. `AbortSignal.timeout` says the same, but guards' phones are older than it (Chrome 103).

/** A signal that ends what was asked, its answer's body too, after so long. */
export function patience(milliseconds) {
  const ending = new AbortController();
  setTimeout(() => ending.abort(), milliseconds);
  return ending.signal;
}
