// The API of this server, as the holder of a bearer token.

import { el } from "./dom.js";
import { words } from "./served-words.js";

const RETRY_MS = [300, 600, 1200, 2500, 5000];

/** What the server refused. problem: its own words (RFC 9457), if it had any; a translation may have others for its code. */
export class Refused extends Error {
  constructor(status, problem) {
    const own = words.problems[problem.code]?.(problem);
    super(own ?? problem.detail ?? problem.title ?? words.answered(status));
    this.status = status;
    this.problem = problem;
    this.lang = own === undefined && problem.detail ? "en" : null; // null: the page's own
  }

  /** What is wrong, to be shown. */
  get told() {
    return el("span", { lang: this.lang }, this.sentences.join(" "));
  }

  /** One sentence for each thing that is wrong. */
  get sentences() {
    const { places } = this;
    return places.length && this.lang ? places.map(({ where, text }) => (where ? `${where}: ${text}` : text)) : [this.message];
  }

  /** What is wrong with the body that was sent, each where it stands in it: `plan.sections[0].name`. */
  get places() {
    return (this.problem.errors ?? []).map(({ loc, what, todo }) => {
      const where = loc.slice(1).reduce((path, part) => path + (typeof part === "number" ? `[${part}]` : `${path && "."}${part}`), "");
      return { where, text: `${what}; ${todo}.` };
    });
  }
}

export class Server {
  #token;
  #root;

  /** root: where the API's paths begin, seen from the page. */
  constructor(token, root = "") {
    this.#token = token;
    this.#root = root;
  }

  get = (path) => this.#ask("GET", path);
  post = (path, body) => this.#ask("POST", path, body);
  put = (path, body) => this.#ask("PUT", path, body);
  delete = (path) => this.#ask("DELETE", path);

  /** Change what has this version, and nothing newer. */
  patch = (path, body, version) => this.#ask("PATCH", path, body, { "If-Match": `"${version}"` });

  async blob(path) {
    return (await this.#fetch("GET", path)).blob();
  }

  /**
   * Follow an interview: every event from the beginning, then each as it happens; comes back by itself.
   * Ends when the interview is over or `signal` aborts.
   */
  async *events(interviewId, signal, lost = () => {}) {
    let last = null;
    let tries = 0;
    while (!signal.aborted) {
      try {
        for await (const { id, data } of this.#stream(`v1/interviews/${interviewId}/events`, last, signal)) {
          tries = 0;
          if (id !== null) last = id;
          if (data.type === "stream.end" && data.data.reason === "interview_over") return;
          yield data;
        }
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof Refused && error.status < 500) throw error;
      }
      if (last === "over") return;
      lost();
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS[Math.min(tries, RETRY_MS.length - 1)]));
      tries += 1;
    }
  }

  async *#stream(path, last, signal) {
    const headers = { Accept: "text/event-stream", ...(last === null ? {} : { "Last-Event-ID": last }) };
    const answer = await this.#fetch("GET", path, undefined, { headers, signal });
    if (answer.status === 204) {
      yield { id: "over", data: { type: "stream.end", data: { reason: "interview_over" } } };
      return;
    }
    yield* parseEvents(answer.body.pipeThrough(new TextDecoderStream()));
  }

  async #ask(method, path, body, headers = {}) {
    const answer = await this.#fetch(method, path, body, { headers });
    return answer.status === 204 ? null : answer.json();
  }

  async #fetch(method, path, body, { headers = {}, signal } = {}) {
    const answer = await fetch(this.#root + path, {
      method,
      signal,
      cache: "no-store",
      headers: {
        Authorization: `Bearer ${this.#token}`,
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!answer.ok) throw new Refused(answer.status, await answer.json().catch(() => ({})));
    return answer;
  }
}

/** Server-sent events of a stream of text (WHATWG HTML 9.2.6): `{id, data}`, data parsed. */
export async function* parseEvents(text) {
  let rest = "";
  let id = null;
  let data = [];
  for await (const piece of text) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""));
      else if (line.startsWith("id:")) id = line.slice(3).trim();
      else if (line === "" && data.length) {
        yield { id, data: JSON.parse(data.join("\n")) };
        data = [];
        id = null;
      }
    }
  }
}
