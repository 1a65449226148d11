// Asks the services: each at its own address, with the session's cookie and the page's token.
import { patience } from "/assets/patience.js";
import { language, t } from "/assets/words.js";

const root = document.documentElement.dataset;

/** A refusal in RFC 9457 form: `status`, `reason`, `detail`, `errors` of `{field, reason, way_out}`. */
export class ProblemError extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || String(status));
    this.status = status;
    this.reason = (problem.type ?? "").split(":").pop();
    this.detail = this.message;
    this.errors = problem.errors ?? [];
  }
}

/** Nobody answered, or not in time: whether it was taken is unknown. Send again under the same key. */
export class AwayError extends Error {
  constructor() {
    super(t("连不上服务,请检查网络;急事请打电话"));
  }
}

class Service {
  constructor(base) {
    this.base = base;
  }

  address(path) {
    return this.base + path;
  }

  get(path, options = {}) {
    return this.#ask(path, { method: "GET" }, options);
  }

  /** `key` is an Idempotency-Key: the same request under it is the same event, however often it is sent. */
  post(path, body, options = {}) {
    const headers = { "content-type": "application/json", "x-csrf-token": root.csrf };
    if (options.key) headers["idempotency-key"] = options.key;
    return this.#ask(path, { method: "POST", headers, body: JSON.stringify(body ?? {}) }, options);
  }

  async #ask(path, request, { patience: most = 8000 } = {}) {
    const headers = { "accept-language": language, ...request.headers };
    let response;
    try {
      const signal = patience(most);
      response = await fetch(this.address(path), { ...request, headers, signal, credentials: "include" });
    } catch {
      throw new AwayError();
    }
    let content = {};
    try {
      if (response.status !== 204) content = await response.json();
    } catch {
      if (response.ok) throw new AwayError();
    }
    if (!response.ok) throw new ProblemError(response.status, content);
    return content;
  }
}

export const intake = new Service(root.intake);
export const register = new Service(root.register);
export const notify = new Service(root.notify);

/** A key for one act of a person; kept by whoever sends it again. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
}
