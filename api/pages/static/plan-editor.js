// The plan editor: sections and their questions, what is rated, and remarks beside what they are about.

import { words } from "./app-words.js";
import { el, icon } from "./dom.js";
import { choice, text } from "./fields.js";
import { bankDialog } from "./plan-bank.js";
import { LEVELS, blankCriterion, blankQuestion, blankSection, addFromBank, minutesOf, moveIn, moveQuestion, putBefore, questionsOf, read, removeCriterion, removeQuestion, sendable, write } from "./plan-model.js";
import { growing, levels, moving, number, questionItem, tool } from "./plan-question.js";
import { Remarks } from "./plan-remarks.js";

const said = words.plan;

export class PlanEditor {
  opened = new Set(); // questions and criteria that are unfolded
  dragged = null;
  #page;
  #languages;
  #first;
  #forget = () => {}; // takes the offer to undo back
  #budget = el("div", { className: "budget" });
  #heard = el("p", { className: "only-heard", role: "status" });

  /** plan: is changed in place; languages: `[code, name]` each. */
  constructor(page, plan, languages) {
    this.#page = page;
    this.#languages = languages;
    this.plan = plan;
    this.#first = JSON.stringify(sendable(plan));
    this.remarks = new Remarks(page.server, page.signal, () => this.plan, this.#reword);
    this.element = el("div", { className: "stack plan", role: "group", "aria-label": words.one.plan });
    this.#draw();
    this.changed();
  }

  /** The plan as the API takes it. */
  get sendable() {
    return sendable(this.plan);
  }

  get dirty() {
    return JSON.stringify(this.sendable) !== this.#first;
  }

  /** Show what the server refused; places: `{where, text}` within the plan. */
  complain(places) {
    for (const question of questionsOf(this.plan)) this.opened.add(question);
    this.#draw();
    this.remarks.draw(undefined, places);
    this.remarks.show();
  }

  changed = () => {
    this.#forget(); // or it would undo this change too
    this.#sum();
    this.remarks.look();
  };

  move = (question, by) => {
    if (!moveQuestion(this.plan, question, by)) return;
    this.#redraw(`plan-${question.id.replaceAll(".", "-")}${document.activeElement?.closest(".tools") ? (by < 0 ? "-up" : "-down") : ""}`);
    const all = questionsOf(this.plan);
    this.#heard.textContent = said.moved(question.text.slice(0, 60), all.indexOf(question) + 1, all.length);
  };

  drop = (question, other) => {
    putBefore(this.plan, question, other);
    this.#redraw(`plan-${question.id.replaceAll(".", "-")}`);
  };

  remove = (question) => {
    const name = said.question(questionsOf(this.plan).indexOf(question) + 1);
    this.#undoable(() => removeQuestion(this.plan, question), said.removed(name), "plan-title");
  };

  #removeSection = (section, name) => this.#undoable(() => this.plan.sections.splice(this.plan.sections.indexOf(section), 1), said.removed(name), "plan-title");

  #removeCriterion = (criterion, name) => this.#undoable(() => removeCriterion(this.plan, criterion), said.removed(name), "plan-title");

  #reword = (where, text) => this.#undoable(() => write(this.plan, where, text), said.used, this.#asking(where));

  /** The field of the question that a place in the plan belongs to. */
  #asking(where) {
    const question = read(this.plan, where.slice(0, where.indexOf("]", where.indexOf(".questions[")) + 1));
    return `plan-${question.id.replaceAll(".", "-")}`;
  }

  /** Change the plan in a way that can be taken back for a while. */
  #undoable(change, told, focus) {
    const before = structuredClone(this.plan);
    change();
    this.#redraw(focus);
    this.#forget = this.#page.toast(told, () => {
      Object.assign(this.plan, before);
      this.#redraw(focus);
    });
  }

  #redraw(focus) {
    this.#draw();
    this.remarks.draw();
    this.changed();
    const found = focus && document.getElementById(focus);
    found?.focus();
    found?.scrollIntoView({ block: "nearest" });
  }

  #draw() {
    const { plan, remarks } = this;
    remarks.clear();
    let before = 0;
    const sections = plan.sections.map((section, index) => {
      const drawn = this.#section(section, index, before);
      before += section.questions.length;
      return drawn;
    });
    const title = text("plan-title", said.title, { value: plan.title, oninput: ({ target }) => ((plan.title = target.value), this.changed()) });
    const minutes = number("plan-minutes", said.minutes, plan.minutes, (value) => ((plan.minutes = value), this.changed()), { min: 1, max: 240 });
    const language = choice("plan-language", words.compose.language, this.#languages, { value: plan.language, onchange: ({ target }) => ((plan.language = target.value), this.changed()) });
    this.element.replaceChildren(
      el("div", { className: "plan-head" }, title.element, minutes.element, language.element),
      remarks.slot(""),
      this.#budget,
      remarks.slot("minutes"),
      remarks.element,
      ...sections,
      el("p", { className: "row between" }, el("button", { type: "button", onclick: () => this.#addSection() }, icon("plus"), said.addSection), el("span", { className: "small soft" }, said.keys)),
      this.#criteria(),
      this.#facts(),
      this.#heard,
    );
  }

  #sum() {
    const { core, optional } = minutesOf(questionsOf(this.plan));
    const whole = Number(this.plan.minutes) || 0;
    const share = (minutes) => `${whole ? Math.min(100, (100 * minutes) / whole) : 0}%`;
    const over = core > whole;
    const bar = el("div", { className: "budget-bar", dataset: { over: String(over) }, "aria-hidden": "true" }, el("i", { className: "core" }), el("i", { className: "optional" }));
    bar.style.setProperty("--core", share(core));
    bar.style.setProperty("--all", share(core + optional));
    this.#budget.replaceChildren(bar, el("p", { className: "small soft" }, said.sum(core, optional, whole), over && el("strong", { className: "bad" }, ` ${said.over}`)));
    for (const [index, section] of this.plan.sections.entries()) {
      const { core: own, optional: more } = minutesOf(section.questions);
      const shown = document.getElementById(`section-${index}-minutes`) ?? this.element.querySelector(`#section-${index}-minutes`);
      if (shown) shown.textContent = said.sectionMinutes(own + more);
    }
  }

  #section(section, index, before) {
    const { plan, remarks } = this;
    const called = section.name || said.section(index + 1);
    const shift = (by) => moveIn(plan.sections, section, by) && this.#redraw(`section-${plan.sections.indexOf(section)}`);
    const name = text(`section-${index}`, said.section(index + 1), { value: section.name, oninput: ({ target }) => ((section.name = target.value), this.changed()) });
    const add = () => {
      const question = blankQuestion(plan);
      section.questions.push(question);
      this.#redraw(`plan-${question.id}`);
    };
    return el(
      "section",
      { className: "plan-section stack", "aria-label": called, onkeydown: (event) => moving(event, shift) },
      el(
        "div",
        { className: "section-head" },
        name.element,
        el("span", { className: "small soft minutes", id: `section-${index}-minutes` }),
        el(
          "div",
          { className: "tools" },
          tool("up", said.up(called), () => shift(-1), { disabled: index === 0 }),
          tool("down", said.down(called), () => shift(1), { disabled: index === plan.sections.length - 1 }),
          tool("remove", said.remove(called), () => this.#removeSection(section, called), { disabled: plan.sections.length === 1 }),
        ),
      ),
      remarks.slot(`sections[${index}]`),
      el("ol", { className: "questions-edited" }, ...section.questions.map((question, q) => questionItem(this, question, `sections[${index}].questions[${q}]`, before + q + 1))),
      el(
        "p",
        { className: "row" },
        el("button", { type: "button", onclick: add }, icon("plus"), said.addQuestion),
        plan.language === "en" && el("button", { type: "button", onclick: () => this.#fromBank(section) }, said.addFromBank),
      ),
    );
  }

  #addSection() {
    const section = blankSection(this.plan);
    this.plan.sections.push(section);
    this.#redraw(`section-${this.plan.sections.length - 1}`);
  }

  async #fromBank(section) {
    try {
      const { data } = await this.#page.server.get("v1/question-bank");
      const chosen = await bankDialog(data, new Set(questionsOf(this.plan).map(({ id }) => id)));
      if (!chosen.length) return;
      addFromBank(this.plan, section, chosen);
      this.#redraw(`plan-${chosen[0].id.replaceAll(".", "-")}`);
    } catch (error) {
      this.#page.fail(error);
    }
  }

  #criteria() {
    const { plan, remarks } = this;
    const add = () => {
      const criterion = blankCriterion(plan);
      plan.criteria.push(criterion);
      this.opened.add(criterion);
      this.#redraw(`criterion-${criterion.id}`);
    };
    return el(
      "section",
      { className: "plan-section stack", "aria-label": said.criteria },
      el("div", { className: "stack tight" }, el("h3", {}, said.criteria), el("p", { className: "small soft" }, said.criteriaAbout)),
      remarks.slot("criteria"),
      el("ol", { className: "criteria-edited" }, ...plan.criteria.map((criterion, index) => this.#criterion(criterion, index))),
      el("p", { className: "row" }, el("button", { type: "button", onclick: add }, icon("plus"), said.addCriterion)),
    );
  }

  #criterion(criterion, index) {
    const { plan, remarks, changed } = this;
    const id = `criterion-${criterion.id.replaceAll(".", "-")}`;
    const called = criterion.name || said.criterion(index + 1);
    const shift = (by) => moveIn(plan.criteria, criterion, by) && this.#redraw(id);
    const name = text(id, said.criterion(index + 1), { value: criterion.name, oninput: ({ target }) => ((criterion.name = target.value), changed()) });
    const weight = number(`${id}-weight`, said.weight, criterion.weight, (value) => ((criterion.weight = value), changed()), { min: 0.01, max: 100, step: "any" });
    const folded = el("details", { className: "more", open: this.opened.has(criterion) }, el("summary", {}, said.anchors));
    folded.addEventListener("toggle", () => this.opened[folded.open ? "add" : "delete"](criterion));
    folded.append(levels(id, criterion.anchors, changed));
    return el(
      "li",
      { className: "criterion-edited stack tight", onkeydown: (event) => moving(event, shift) },
      el(
        "div",
        { className: "criterion-head" },
        name.element,
        weight.element,
        requirement(id, criterion, changed),
        el(
          "div",
          { className: "tools" },
          tool("up", said.up(called), () => shift(-1), { disabled: index === 0 }),
          tool("down", said.down(called), () => shift(1), { disabled: index === plan.criteria.length - 1 }),
          tool("remove", said.remove(called), () => this.#removeCriterion(criterion, called)),
        ),
      ),
      growing(`${id}-about`, said.description, criterion.description, (value) => ((criterion.description = value), changed())).element,
      remarks.slot(`criteria[${index}]`),
      folded,
    );
  }

  #facts() {
    const { plan } = this;
    const told = growing("plan-facts", said.told, plan.facts.join("\n"), (value) => ((plan.facts = value.split("\n")), this.changed()), { rows: 3, maxLength: 20_000 });
    told.element.append(el("p", { className: "small soft" }, said.toldAbout));
    return el("section", { className: "plan-section" }, told.element);
  }
}

/** Whether a criterion must be reached, and at which level. */
function requirement(id, criterion, changed) {
  const onchange = ({ target }) => {
    criterion.required = target.value !== "";
    criterion.min_level = target.value ? Number(target.value) : null;
    changed();
  };
  const value = criterion.required ? String(criterion.min_level ?? "") : "";
  return choice(`${id}-required`, said.required, [["", said.notRequired], ...LEVELS.map((level) => [String(level), said.atLeast(level)])], { value, onchange }).element;
}
