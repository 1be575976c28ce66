// The transcript as it grows: final turns, and what each speaker is saying at the moment. Drawn once a frame.

import { words } from "./app-words.js";
import { clock, el, soon, unsettled } from "./dom.js";

const NEAR_END_PX = 80;
const said = words.one;

export class Transcript {
  /** Final turns, as they came: speaker, role, start_ms, end_ms. */
  turns = [];
  /** Of what is said, which need not be the page's (WCAG 3.1.2). */
  language = "";
  #log = el("ol", { className: "turns" });
  #now = el("div", { className: "interims", "aria-hidden": "true" });
  #box;
  #waiting = [];
  #saying = new Map(); // by speaker, who says one thing at a time
  #seen = new Set();
  #soon = soon(() => this.#draw());
  #play = null;
  #marked = null;

  constructor() {
    this.#log.append(el("li", { className: "empty" }, said.nothingSaid));
    this.#box = el("div", { className: "scroller", tabIndex: 0, role: "log", "aria-label": said.transcript }, this.#log, this.#now);
    this.element = this.#box;
  }

  said(turn) {
    if (this.#seen.has(turn.turn_id)) return;
    this.#seen.add(turn.turn_id);
    this.turns.push(turn);
    this.#waiting.push(turn);
    for (const [speaker, { turn_id: id }] of this.#saying) if (id === turn.turn_id) this.#saying.delete(speaker);
    this.#soon();
  }

  saying(words) {
    if (this.#seen.has(words.turn_id)) return;
    this.#saying.set(words.speaker_id, words);
    this.#soon();
  }

  /** From now on each turn's time plays it; play(startMs). */
  playable(play) {
    this.#play = play;
    for (const at of this.#log.querySelectorAll(".at")) at.replaceWith(this.#at(Number(at.dataset.ms)));
  }

  /** Show which turn is heard at this moment of the recording. */
  heard(ms) {
    const index = this.turns.findLastIndex(({ start_ms: from }) => from <= ms);
    const item = index < 0 ? null : this.#log.children[index];
    if (item === this.#marked) return;
    this.#marked?.removeAttribute("aria-current");
    this.#marked = item;
    item?.setAttribute("aria-current", "true");
    if (item) this.#box.scrollTop = item.offsetTop - this.#box.clientHeight / 3;
  }

  #draw() {
    const box = this.#box;
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END_PX;
    const fresh = this.#waiting.splice(0);
    if (fresh.length) this.#log.querySelector(":scope > .empty")?.remove();
    this.#log.append(...fresh.map((turn) => this.#item(turn)));
    this.#now.replaceChildren(...[...this.#saying.values()].map((one) => interim(one, this.language)));
    if (this.#saying.size) this.#log.querySelector(":scope > .empty")?.remove();
    if (atEnd) box.scrollTop = box.scrollHeight;
  }

  #item({ speaker, role, text, start_ms: from, interrupted }) {
    return el(
      "li",
      { dataset: { role } },
      el("p", { className: "small soft" }, el("b", {}, speaker), " ", this.#at(from), interrupted && ` · ${said.interrupted}`),
      el("p", { lang: this.language }, text),
    );
  }

  #at(ms) {
    const time = clock(ms);
    const play = this.#play;
    const dataset = { ms: String(ms) };
    return play
      ? el("button", { type: "button", className: "at", dataset, "aria-label": said.playFrom(time), onclick: () => play(ms) }, time)
      : el("span", { className: "at", dataset }, time);
  }
}

function interim({ speaker, role, text, stable }, language) {
  return el("p", { className: "interim", dataset: { role } }, el("b", {}, speaker), el("span", { lang: language }, ...unsettled(text, stable)));
}
