// Who is invited to an interview: a link for each, copied when it is needed, and taken back.

import { words } from "./app-words.js";
import { ask, el, icon, refill } from "./dom.js";
import { Field, choice, plainly, text } from "./fields.js";
import { isOver, moment } from "./status.js";

const DAY_S = 24 * 3600;
const DAYS = [1, 7, 30];
const COPIED_MS = 2500;
const ICONS = { candidate: "person", interviewer: "mic", observer: "speaker" };
const said = words.people;

export class People {
  element = el("section", { className: "card stack people", "aria-label": said.title });
  #page;
  #path;
  #candidate = "";
  #id = "";
  #over = false;
  #known = null;
  #title = el("h2", { tabIndex: -1 }, said.title);
  #list = el("ul", {});
  #byHand = el("div", { className: "stack tight", hidden: true });
  #days = choice("link-days", said.good, DAYS.map((count) => [String(count), said.days(count)]), { value: "7" });
  #adding;

  constructor(page, path) {
    this.#page = page;
    this.#path = path;
    this.#adding = this.#form();
    this.element.append(this.#title, this.#list, this.#byHand, this.#adding);
  }

  interview({ candidate, status, id }) {
    const first = this.#known === null;
    const changed = first || this.#candidate !== candidate.name || this.#over !== isOver(status);
    this.#candidate = candidate.name;
    this.#over = isOver(status) || status === "evaluating";
    this.#id = `candidate_${id}`.slice(0, 64); // as the server calls them
    this.#adding.hidden = this.#over;
    if (first) this.#known = [];
    if (!changed) return;
    this.#draw();
    this.#load();
  }

  async #load() {
    try {
      const { data } = await this.#page.server.get(`${this.#path}/participants`);
      this.#known = data;
      this.#draw();
    } catch (error) {
      if (!this.#page.signal.aborted) this.#page.fail(error);
    }
  }

  #draw() {
    const candidate = this.#known.find((one) => one.role === "candidate") ?? { participant_id: this.#id, role: "candidate", name: this.#candidate };
    refill(this.#list, [candidate, ...this.#known.filter((one) => one !== candidate)].map((one) => this.#row(one)), this.#title);
  }

  #row(one) {
    const { role, name, expires_at: expires } = one;
    const gone = expires && new Date(expires) < new Date();
    const opens = !this.#over || role === "interviewer"; // theirs opens the scorecard afterwards
    const link = expires ? (gone ? [said.expired] : [said.until, moment(expires)]) : [said.noLink];
    const copy = el("button", { type: "button", className: "small", "aria-label": said.copyFor(name) }, icon("copy"), said.copy);
    copy.onclick = () => this.#copy(one, copy);
    const remove = el("button", { type: "button", className: "tool quiet", "aria-label": said.removeName(name), title: said.remove, onclick: () => this.#remove(one) }, icon("remove"));
    return el(
      "li",
      { dataset: { role } },
      icon(ICONS[role] ?? "person"),
      el("div", { className: "who" }, el("strong", {}, name), el("span", { className: "small soft" }, said.roles[role] ?? role), opens && el("span", { className: "small soft" }, ...link)),
      opens && el("span", { className: "row" }, copy, role !== "candidate" && remove),
    );
  }

  /** A link of the same person; earlier ones stay good. */
  async #link({ participant_id: id, role, name }) {
    return this.#page.server.post(`${this.#path}/links`, { role, name, participant_id: id, expires_in_s: DAY_S * Number(this.#days.value) });
  }

  async #copy(one, button) {
    button.disabled = true;
    try {
      const { url } = await this.#link(one);
      await this.#load();
      const shown = this.#button(one) ?? button;
      if (await copied(url)) this.#confirm(one, shown);
      else this.#show(one, url);
    } catch (error) {
      this.#page.fail(error);
    } finally {
      button.disabled = false;
    }
  }

  #button = ({ name }) => [...this.#list.querySelectorAll("button")].find((button) => button.getAttribute("aria-label") === said.copyFor(name));

  #confirm({ name }, button) {
    this.#byHand.hidden = true;
    button.replaceChildren(icon("check"), said.copied);
    button.focus();
    setTimeout(() => button.replaceChildren(icon("copy"), said.copy), COPIED_MS);
    this.#page.toast(said.copiedFor(name));
  }

  /** A page that is not secure, or is not let, has no clipboard. */
  #show({ name }, url) {
    const field = new Field("link-by-hand", said.linkOf(name), el("input", { readOnly: true, value: url }));
    this.#byHand.replaceChildren(el("p", { className: "small" }, said.byHand), field.element);
    this.#byHand.hidden = false;
    field.control.focus();
    field.control.select();
  }

  async #remove(one) {
    if (!(await ask(said.sure(one.name), true))) return;
    try {
      await this.#page.server.delete(`${this.#path}/participants/${encodeURIComponent(one.participant_id)}`);
      await this.#load();
      this.#page.toast(said.removed(one.name));
    } catch (error) {
      this.#page.fail(error);
    }
  }

  #form() {
    const name = text("person-name", said.name);
    const role = choice("person-role", said.role, ["interviewer", "observer"].map((value) => [value, `${said.roles[value]}: ${said.about[value].toLowerCase()}`]));
    const onsubmit = async (event) => {
      event.preventDefault();
      try {
        const { participant_id: id } = await this.#page.server.post(`${this.#path}/links`, { role: role.value, name: name.value, expires_in_s: DAY_S * Number(this.#days.value) });
        await this.#load();
        this.#page.toast(said.added(name.value));
        name.control.value = "";
        this.#button(this.#known.find((one) => one.participant_id === id))?.focus();
      } catch (error) {
        const wrong = error.places?.find(({ where }) => where === "name");
        if (wrong) name.wrong(plainly(wrong.text));
        else this.#page.fail(error);
      }
    };
    return el(
      "details",
      { className: "adding" },
      el("summary", {}, said.add),
      el("form", { className: "stack tight", onsubmit, noValidate: true }, name.element, role.element, this.#days.element, el("p", { className: "row end" }, el("button", { className: "primary" }, said.go))),
    );
  }
}

/** Whether a text is on the clipboard now. */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
