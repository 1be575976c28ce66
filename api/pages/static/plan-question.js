// One question in the editor: its words at once, the rest when it is unfolded.

import { words } from "./app-words.js";
import { el, icon } from "./dom.js";
import { area, choice, text, tick } from "./fields.js";
import { LEVELS, SIGNALS } from "./plan-model.js";

const said = words.plan;
const pairs = (named) => Object.entries(named);

/** An icon that is a button. */
export const tool = (sign, label, act, properties = {}) =>
  el("button", { type: "button", className: "tool quiet", "aria-label": label, title: label, onclick: act, ...properties }, icon(sign));

/** A text of several lines that grows with what is in it; set: is given what is typed. */
export function growing(id, label, value, set, properties = {}) {
  const field = area(id, label, { rows: 1, maxLength: 2000, ...properties, value });
  field.control.addEventListener("input", () => set(field.control.value));
  return field;
}

/** A number; set: is given it, or null of what is none. */
export function number(id, label, value, set, properties) {
  const field = text(id, label, { type: "number", inputMode: "decimal", ...properties, value: value ?? "" });
  field.control.addEventListener("input", ({ target }) => set(target.value === "" ? null : target.valueAsNumber));
  return field;
}

/** What each level looks like. */
export function levels(id, anchors, changed) {
  const one = (level) => growing(`${id}-level-${level}`, said.level(level), anchors[level] ?? "", (typed) => ((anchors[level] = typed), changed())).element;
  return el("div", { className: "levels" }, ...LEVELS.map(one));
}

/** editor: plan, `changed()`, and what moves and removes; number: its place in the whole plan. */
export function questionItem(editor, question, where, place) {
  const name = said.question(place);
  const id = `plan-${question.id.replaceAll(".", "-")}`;
  const typed = (value) => ((question.text = value), editor.changed());
  const wording = growing(id, name, question.text, typed, { placeholder: said.textFor, className: "wording" });
  const facts = el("span", { className: "small soft facts" });
  const sum = () => ((facts.textContent = said.facts(question)), editor.changed());
  facts.textContent = said.facts(question);
  const folded = el("details", { className: "more", open: editor.opened.has(question) }, el("summary", {}, said.details, facts));
  const unfold = () => {
    editor.opened[folded.open ? "add" : "delete"](question);
    if (folded.open && folded.children.length === 1) folded.append(details(editor, question, id, sum));
  };
  folded.addEventListener("toggle", unfold);
  if (folded.open) unfold();
  const item = el(
    "li",
    { className: "question", id: `${id}-item`, onkeydown: (event) => moving(event, (by) => editor.move(question, by)) },
    el("span", { className: "grip", draggable: true, title: said.drag(name), "aria-hidden": "true" }, icon("grip")),
    el(
      "div",
      { className: "stack tight" },
      wording.element,
      editor.remarks.slot(where),
      folded,
    ),
    el(
      "div",
      { className: "tools" },
      tool("up", said.up(name), () => editor.move(question, -1), { id: `${id}-up` }),
      tool("down", said.down(name), () => editor.move(question, 1), { id: `${id}-down` }),
      tool("remove", said.remove(name), () => editor.remove(question)),
    ),
  );
  draggable(editor, item, question);
  return item;
}

function details(editor, question, id, sum) {
  const set = (name) => (value) => ((question[name] = value), sum());
  const picked = (name, read = String) => ({ target }) => set(name)(read(target.value));
  const probes = el("div", { className: "two" });
  const drawProbes = () => probes.replaceChildren(...SIGNALS.filter((signal) => question.expects.includes(signal) || question.probes[signal]).map(probe));
  const probe = (signal) =>
    growing(`${id}-probe-${signal}`, said.probeFor[signal], question.probes[signal] ?? "", (value) => ((question.probes[signal] = value), editor.changed())).element;
  const member = (name, value, then) => (on) => {
    question[name] = on ? [...question[name], value] : question[name].filter((each) => each !== value);
    sum();
    then?.();
  };
  drawProbes();
  return el(
    "div",
    { className: "stack" },
    el(
      "div",
      { className: "four" },
      number(`${id}-minutes`, said.questionMinutes, question.minutes, set("minutes"), { min: 0.5, max: 60, step: 0.5 }).element,
      choice(`${id}-priority`, said.priority, pairs(said.priorities), { value: question.priority, onchange: picked("priority") }).element,
      choice(`${id}-patience`, said.patience, pairs(said.patiences), { value: question.patience, onchange: picked("patience") }).element,
      choice(`${id}-followups`, said.followups, [["0", "0"], ["1", "1"], ["2", "2"]], { value: String(question.max_followups), onchange: picked("max_followups", Number) }).element,
    ),
    growing(`${id}-rephrase`, said.rephrase, question.rephrase, set("rephrase")).element,
    chips(said.expects, SIGNALS.map((signal) => tick(said.signals[signal], question.expects.includes(signal), member("expects", signal, drawProbes)))),
    el("div", { className: "stack tight", role: "group", "aria-label": said.probes }, el("p", { className: "label" }, said.probes), probes),
    chips(said.judges, editor.plan.criteria.map((one) => tick(one.name || one.id, question.criteria.includes(one.id), member("criteria", one.id))), said.noCriteria),
    Object.keys(question.anchors).length > 0 && el("details", {}, el("summary", {}, said.anchors), levels(id, question.anchors, editor.changed)),
  );
}

function chips(legend, ticks, nothing = "") {
  return el("fieldset", { className: "chips" }, el("legend", { className: "label" }, legend), ...(ticks.length ? ticks.map(({ element }) => element) : [el("span", { className: "small soft" }, nothing)]));
}

/** Alt and an arrow key move what the focus is in. */
export function moving(event, move) {
  if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  event.preventDefault();
  event.stopPropagation();
  move(event.key === "ArrowUp" ? -1 : 1);
}

function draggable(editor, item, question) {
  item.addEventListener("dragstart", (event) => {
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setDragImage(item, 20, 20);
    editor.dragged = question;
    item.dataset.dragged = "true";
  });
  item.addEventListener("dragend", () => {
    editor.dragged = null;
    delete item.dataset.dragged;
  });
  const over = (on) => (event) => {
    if (!editor.dragged || editor.dragged === question) return;
    event.preventDefault();
    item.dataset.over = String(on);
  };
  item.addEventListener("dragover", over(true));
  item.addEventListener("dragleave", over(false));
  item.addEventListener("drop", (event) => {
    event.preventDefault();
    if (editor.dragged && editor.dragged !== question) editor.drop(editor.dragged, question);
  });
}
