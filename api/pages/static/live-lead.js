// Who leads a call, and the ways to change it: the mode, and the floor for a while.

import { words } from "./app-words.js";
import { ask, el, icon, refill } from "./dom.js";
import { choice } from "./fields.js";
import { Refused } from "./server.js";
import { MODES, isCalling } from "./status.js";

const MOST_QUESTIONS = 3; // as many as the panel offers (panel.js); the server takes more
const said = words.lead;

export class Lead {
  element = el("section", { className: "card stack tight lead", "aria-label": said.title, hidden: true });
  #page;
  #path;
  #bot = "";
  #mode = "solo";
  #given = null; // the bot's turn at leading: { questions }
  #calling = false;
  #line = el("p", { className: "row who-leads", role: "status" });
  #floor = el("div", { className: "row" });
  #modes;

  constructor(page, path) {
    this.#page = page;
    this.#path = path;
    this.#modes = choice("lead-mode", said.mode, MODES.map(({ value, text }) => [value, text]), { onchange: ({ target }) => this.#change(target.value) });
    this.element.append(el("h2", {}, said.title), this.#line, this.#floor, this.#modes.element);
  }

  interview({ mode, status, bot_name: bot }) {
    if (mode !== this.#mode) this.#given = null;
    this.#mode = mode;
    this.#bot = bot;
    this.#calling = isCalling(status);
    this.#draw();
  }

  /** The floor has gone from one to another. */
  floor({ to, questions }) {
    this.#given = to === "bot" ? { questions } : null;
    this.#draw();
  }

  mode({ to }) {
    this.#mode = to;
    this.#given = null;
    this.#draw();
  }

  #draw() {
    this.element.hidden = !this.#calling;
    const leads = this.#mode === "solo" || this.#given !== null;
    const about = leads ? this.#given?.questions && said.turnsLeft(this.#given.questions) : this.#mode === "shadow" && said.silent(this.#bot);
    this.#line.replaceChildren(icon(leads ? "waves" : "person"), el("strong", {}, leads ? said.bot(this.#bot) : said.people), el("span", { className: "soft small" }, about || ""));
    this.#modes.control.value = this.#mode;
    const focused = this.#floor.contains(document.activeElement);
    this.#floor.hidden = this.#mode !== "copilot";
    if (focused && this.#floor.hidden) this.#modes.control.focus();
    const way = this.#given ? "back" : "give";
    if (this.#floor.dataset.way === way && this.#floor.dataset.bot === this.#bot) return;
    Object.assign(this.#floor.dataset, { way, bot: this.#bot });
    const acts = this.#given ? [this.#takeBack()] : this.#give();
    refill(this.#floor, acts, acts[0]);
  }

  #give() {
    const counts = Array.from({ length: MOST_QUESTIONS }, (_, index) => el("option", { value: String(index + 1), selected: index === 1 }, String(index + 1)));
    const count = el("select", { "aria-label": said.questions }, ...counts);
    const go = () => this.#ask("floor", { to: "bot", questions: Number(count.value) }, said.given(this.#bot));
    return [el("button", { type: "button", onclick: go }, icon("waves"), said.give(this.#bot)), count];
  }

  #takeBack() {
    return el("button", { type: "button", className: "primary", onclick: () => this.#ask("floor", { to: "interviewer" }, said.taken(this.#bot)) }, icon("person"), said.takeBack);
  }

  async #change(to) {
    const name = words.modes[to][0];
    if (await ask(said.modeSure(name))) await this.#ask("mode", { to }, said.asked(name));
    this.#modes.control.value = this.#mode; // until the call says so
  }

  async #ask(what, body, done) {
    try {
      await this.#page.server.post(`${this.#path}/${what}`, body);
      this.#page.toast(done);
    } catch (error) {
      if (error instanceof Refused && [404, 405, 501].includes(error.status)) this.#page.toast(said.impossible);
      else this.#page.fail(error);
    }
  }
}
