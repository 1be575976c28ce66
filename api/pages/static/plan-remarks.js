// What the linter says about a plan, beside what it is about, while it is being written.

import { words } from "./app-words.js";
import { el, icon, later } from "./dom.js";
import { sendable } from "./plan-model.js";
import { words as translated } from "./served-words.js";
import { Refused } from "./server.js";

const TYPED_MS = 600;
const REPHRASED = /\.(text|rephrase|probes\.\w+)$/; // where other words for it are words that can be asked
const said = words.plan;

export class Remarks {
  #server;
  #plan;
  #slots = new Map();
  #reword;
  #found = [];
  #number = 0;
  #line = el("span", {}, "");
  #jump = el("button", { className: "quiet small", type: "button", hidden: true, onclick: () => this.show() }, said.looked.jump);

  /** plan: returns the plan; reword(where, text): puts other words there. */
  constructor(server, signal, plan, reword) {
    this.#server = server;
    this.#plan = plan;
    this.#reword = reword;
    this.element = el("p", { className: "row small remarks-line", role: "status" }, this.#line, this.#jump);
    this.look = later(() => this.#look(), TYPED_MS);
    signal.addEventListener("abort", () => this.look.never());
  }

  /** A new place for remarks about what stands at `where`. */
  slot(where) {
    const element = el("ul", { className: "remarks" });
    this.#slots.set(where, element);
    return element;
  }

  /** Forget all places: the plan is about to be drawn anew. */
  clear() {
    this.#slots.clear();
  }

  /** Show what the linter, or the server that refused it, said; errors: `{where, text}` each. */
  draw(found = this.#found, errors = []) {
    this.#found = found;
    for (const slot of this.#slots.values()) slot.replaceChildren();
    for (const { where, text } of errors) this.#slot(where)?.append(remark("error", text));
    for (const one of found) this.#slot(one.where)?.append(this.#remark(one));
  }

  /** Bring the first remark into view, and the focus with it. */
  show() {
    const first = [...this.#slots.values()].map((slot) => slot.firstElementChild).find(Boolean);
    first?.closest("details")?.setAttribute("open", "");
    first?.scrollIntoView({ block: "center" });
    first?.focus({ preventScroll: true });
  }

  async #look() {
    const number = (this.#number += 1);
    try {
      const { warnings, not_checked: not } = await this.#server.post("v1/plans/lint", { plan: sendable(this.#plan()) });
      if (number !== this.#number) return;
      this.draw(warnings);
      const told = [warnings.length ? said.looked.some(warnings.length) : said.looked.none, not.length && said.looked.not(not.join("; "))];
      this.#tell(told.filter(Boolean).join(" "), warnings.length > 0);
    } catch (error) {
      if (!(error instanceof Refused) && !(error instanceof TypeError)) throw error;
      if (number === this.#number && error.status === 422) this.#tell(said.looked.faulty, false);
    }
  }

  #tell(text, any) {
    if (this.#line.textContent !== text) this.#line.textContent = text;
    this.#jump.hidden = !any;
  }

  /** The place of something, or the nearest around it. */
  #slot(where) {
    for (let place = where; place; place = place.slice(0, Math.max(place.lastIndexOf("."), place.lastIndexOf("["), 0))) {
      if (this.#slots.has(place)) return this.#slots.get(place);
    }
    return this.#slots.get("");
  }

  #remark(one) {
    const { severity, code, rephrase, where } = one;
    const use = rephrase && REPHRASED.test(where) && el("button", { type: "button", className: "reword", onclick: () => this.#reword(where, rephrase) }, icon("rephrase"), said.use(rephrase));
    const own = translated.remarks[code]?.(one);
    const [what, why] = own ?? [sentence(one.what), one.why];
    return remark(severity, what, why, use, own ? null : "en");
  }
}

/** lang: of what is said, the server's unless it was translated. */
function remark(severity, what, why, use = null, lang = "en") {
  return el(
    "li",
    { tabIndex: -1, dataset: { severity } },
    el("p", {}, el("b", {}, said.severities[severity]), " ", el("span", { lang }, what)),
    why && el("p", { lang, className: "soft" }, why),
    use,
  );
}

const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);
