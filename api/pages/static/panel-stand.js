// Where the interview stands: coverage of the criteria, time, and what of the plan was asked.

import { el, refill, soon } from "./dom.js";
import { part, quote, spoken } from "./panel-parts.js";
import { said } from "./panel-words.js";

const LOOK_EVERY_MS = 5000;

export class PanelStand {
  #criteria = new Map();
  #questions = [];
  #time = null; // what `time.updated` said, and when that was (ms of this page's clock)
  #timer = 0;
  #ledger = el("ul", { className: "ledger" });
  #times = el("div", { className: "times" });
  #plan = el("ol", { className: "plan" });
  #count = el("span", { className: "soft small" });
  #draw = soon(() => {
    this.#drawLedger();
    this.#drawTime();
    this.#drawPlan();
  });

  constructor() {
    const plan = el("details", { className: "panel-part" }, el("summary", {}, said.plan.title, " ", this.#count), this.#plan);
    this.element = el("div", { className: "stand" }, part(said.coverage.title, this.#ledger), part(said.time.title, this.#times), plan);
    this.#timer = setInterval(() => this.#drawTime(), LOOK_EVERY_MS);
  }

  stop() {
    clearInterval(this.#timer);
  }

  /** The plan as the panel's snapshot has it. */
  planned({ plan = [], criteria = [] }) {
    this.#questions = plan;
    for (const { id, name } of criteria) {
      if (!this.#criteria.has(id)) this.#criteria.set(id, { criterion_id: id, name, state: "not_touched", evidence: [] });
    }
    this.#draw();
  }

  covered(data) {
    this.#criteria.set(data.criterion_id, data);
    this.#draw();
  }

  /** age: how many ms ago this was so. */
  time(data, age) {
    this.#time = { ...data, at: performance.now() - age };
    this.#draw();
  }

  #drawLedger() {
    const open = new Set([...this.#ledger.querySelectorAll("details[open] > summary")].map(({ id }) => id));
    const rows = [...this.#criteria.values()].map((one) => this.#row(one, open));
    refill(this.#ledger, rows.length ? rows : [el("li", { className: "soft small" }, said.coverage.none)]);
  }

  #row({ criterion_id: id, name, state, evidence = [] }, open) {
    const head = [
      el("span", { className: "shape", dataset: { state }, "aria-hidden": "true" }),
      spoken("span", name, { className: "criterion" }),
      el("span", { className: "state" }, said.coverage.states[state] ?? state),
    ];
    if (!evidence.length) return el("li", {}, el("div", { className: "covered" }, ...head));
    const key = `covered-${id}`;
    const summary = el("summary", { className: "covered", id: key }, ...head, el("span", { className: "only-heard" }, said.coverage.evidence(evidence.length)));
    return el("li", {}, el("details", { open: open.has(key) }, summary, ...evidence.map((one) => quote(one))));
  }

  #drawTime() {
    if (!this.#time) return this.#times.replaceChildren(el("p", { className: "soft small" }, said.time.none));
    const { left_s: then, core_needed_s: needed, core_question_ids: core, drop_question_ids: drop, shorten, at } = this.#time;
    const left = then - (performance.now() - at) / 1000;
    const share = needed > 0 ? Math.min(1, Math.max(0, needed / Math.max(left, 1))) : 0;
    const bar = el("span", { className: "time-bar", dataset: { tight: String(shorten) }, "aria-hidden": "true" }, el("span", {}));
    bar.firstElementChild.style.setProperty("--share", share.toFixed(3));
    this.#times.replaceChildren(
      el("p", {}, el("b", {}, said.time.left(left)), " · ", said.time.core(core.length, needed)),
      bar,
      ...(shorten ? [el("p", { className: "small tight-time" }, said.time.shorten)] : []),
      ...(drop.length ? [el("p", { className: "small" }, said.time.drop(drop.length))] : []),
    );
  }

  #drawPlan() {
    const asked = new Set(this.#time?.asked_question_ids ?? []);
    const openId = this.#time?.question_id;
    const state = (id) => (id === openId ? "open" : asked.has(id) ? "asked" : "ahead");
    this.#count.textContent = said.plan.count(asked.size, this.#questions.length);
    this.#plan.replaceChildren(
      ...this.#questions.map(({ id, text, priority }) =>
        el(
          "li",
          { dataset: { state: state(id) } },
          spoken("span", text),
          el("span", { className: "small soft" }, [said.plan.states[state(id)], priority === "optional" && said.plan.optional].filter(Boolean).join(", ")),
        ),
      ),
    );
  }
}
