// Questions to the copilot, and its answers with the words they rest on.

import { clock, el } from "./dom.js";
import { part, quote, spoken } from "./panel-parts.js";
import { said } from "./panel-words.js";

const KEPT = 20;

export class PanelAsk {
  #line;
  #asked = new Map();
  #waiting = new Map(); // this page's own questions that are not answered yet
  #answers = el("ol", { className: "answers" });
  #field = el("input", { id: "panel-question", maxLength: 500, autocomplete: "off" });
  #button = el("button", { type: "submit" }, said.ask.send);

  constructor(line) {
    this.#line = line;
    line.addEventListener("open", () => this.#askAgain());
    const form = el(
      "form",
      { className: "ask-form" },
      el("div", { className: "field" }, el("label", { for: "panel-question" }, said.ask.label), this.#field),
      this.#button,
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#ask(this.#field.value.trim());
    });
    this.element = part(said.ask.title, form, el("div", { role: "log", "aria-label": said.ask.title }, this.#answers));
  }

  enable(on) {
    this.#button.disabled = !on;
  }

  /** Somebody's question, this page's own included. */
  asked({ id, question, by }) {
    if (this.#asked.has(id)) return;
    const answer = el("div", { className: "soft" }, said.ask.waiting);
    const entry = el("li", {}, el("p", { className: "asked" }, question, by && el("span", { className: "only-heard" }, ` (${said.ask.by(by)})`)), answer);
    this.#asked.set(id, answer);
    this.#answers.prepend(entry);
    if (this.#answers.childElementCount <= KEPT) return;
    this.#answers.lastElementChild.remove();
    this.#asked.delete(this.#asked.keys().next().value); // the oldest
  }

  answered({ id, text, known, quotes = [] }) {
    this.#waiting.delete(id);
    const answer = this.#asked.get(id);
    if (!answer) return;
    answer.className = known ? "answer" : "answer soft";
    answer.replaceChildren(text ? spoken("p", text) : el("p", {}, said.ask.unknown), ...quotes.map(shown));
  }

  /** Whether it was a question of this page's that the server did not take: then that is said in its place. */
  refused(id, why) {
    if (!this.#waiting.delete(id)) return false;
    this.#asked.get(id)?.replaceChildren(why);
    return true;
  }

  #ask(question) {
    if (!question) return;
    const id = `q${crypto.getRandomValues(new Uint32Array(2)).join("")}`;
    if (!this.#line.send({ type: "ask", id, question })) return;
    this.#waiting.set(id, question);
    this.asked({ id, question });
    this.#field.value = "";
  }

  /** A line that broke may have taken questions or answers with it; what was asked once is answered once. */
  #askAgain() {
    for (const [id, question] of this.#waiting) this.#line.send({ type: "ask", id, question });
  }
}

function shown({ source, speaker, text, start_ms: start }) {
  const from = [said.ask.sources[source] ?? source, speaker, start !== null && start !== undefined && clock(start)].filter(Boolean);
  return quote({ text }, from.join(" · "));
}
