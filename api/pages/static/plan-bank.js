// The question bank, to pick from: by skill, or by what one types.

import { words } from "./app-words.js";
import { el, served } from "./dom.js";
import { text } from "./fields.js";

const said = words.bank;

/** questions: all of them; there: ids that the plan has. Resolves to those that were picked, in the bank's order. */
export function bankDialog(questions, there) {
  const picked = new Set();
  const count = el("p", { className: "small soft", role: "status" });
  const nothing = el("p", { className: "empty", hidden: true }, said.none);
  const add = el("button", { type: "button", className: "primary", disabled: true, onclick: () => dialog.close("add") }, said.add);
  const pick = (question, on) => {
    picked[on ? "add" : "delete"](question);
    count.textContent = said.chosen(picked.size);
    add.disabled = picked.size === 0;
  };
  const groups = bySkill(questions).map(([skill, group]) => shelf(skill, group, there, pick));
  const look = ({ target }) => {
    const wanted = target.value.trim().toLowerCase();
    for (const group of groups) group.look(wanted);
    nothing.hidden = groups.some(({ element }) => !element.hidden);
  };
  const search = text("bank-search", said.search, { type: "search", oninput: look });
  const dialog = el(
    "dialog",
    { className: "bank-dialog", "aria-labelledby": "bank-title" },
    el(
      "div",
      { className: "stack" },
      el("h2", { id: "bank-title" }, said.title),
      search.element,
      el("div", { className: "bank", role: "group", "aria-label": said.title, tabIndex: 0 }, ...groups.map(({ element }) => element), nothing),
      el("p", { className: "row between" }, count, el("span", { className: "row" }, el("button", { type: "button", onclick: () => dialog.close("") }, said.close), add)),
    ),
  );
  count.textContent = said.chosen(0);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.onclose = () => {
      dialog.remove();
      resolve(dialog.returnValue === "add" ? questions.filter((question) => picked.has(question)) : []);
    };
  });
}

function bySkill(questions) {
  const skills = new Map();
  for (const question of questions) skills.set(question.skill_name, [...(skills.get(question.skill_name) ?? []), question]);
  return [...skills];
}

function shelf(skill, group, there, pick) {
  const lines = group.map((question) => {
    const has = there.has(question.id);
    const box = el("input", { type: "checkbox", disabled: has, checked: has, onchange: () => pick(question, box.checked) });
    const about = [words.one.minutes(question.minutes), has && said.there].filter(Boolean).join(" · ");
    const told = el("span", { className: "block small soft" }, served("span", `${question.measures} · `), about);
    const element = el("label", { className: "tick plain" }, box, el("span", {}, served("span", question.text), told));
    return { element, words: `${question.text} ${question.measures} ${skill}`.toLowerCase() };
  });
  const element = el("details", {}, el("summary", {}, served("span", skill), el("span", { className: "small soft" }, ` ${group.length}`)), ...lines.map((line) => line.element));
  const look = (wanted) => {
    for (const line of lines) line.element.hidden = !line.words.includes(wanted);
    element.hidden = lines.every((line) => line.element.hidden);
    if (wanted) element.open = !element.hidden;
  };
  return { element, look };
}
