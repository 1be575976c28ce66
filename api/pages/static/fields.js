// Fields of a form: a label, the control, a hint, and what is wrong with it, told where it is.

import { words } from "./app-words.js";
import { el } from "./dom.js";

const TODO = /; correct it; the schema is at [^;]*$/;

/** What the server said of a field, as a person would. */
export function plainly(text) {
  for (const [pattern, told] of words.faults) {
    const found = pattern.exec(text);
    if (found) return told(...found.slice(1));
  }
  const short = text.replace(TODO, ".");
  return short.charAt(0).toUpperCase() + short.slice(1);
}

export class Field {
  #error = el("p", { className: "wrong small", hidden: true });
  #hint;

  /** control: an input, a select or a textarea; it gets the id. */
  constructor(id, label, control, { hint = "", optional = false } = {}) {
    this.control = control;
    control.id = id;
    this.#error.id = `${id}-wrong`;
    this.#hint = hint && el("p", { className: "small soft", id: `${id}-hint` }, hint);
    const name = el("label", { for: id }, label, optional && el("span", { className: "soft" }, ` (${words.optional})`));
    this.element = el("div", { className: "field" }, name, control, this.#hint, this.#error);
    control.addEventListener("input", () => this.wrong(""));
    this.#describe();
  }

  get value() {
    return this.control.value.trim();
  }

  /** Say what is wrong, or with nothing that it is right again. */
  wrong(text, focus = Boolean(text)) {
    if (!text && this.#error.hidden) return;
    this.#error.textContent = text;
    this.#error.hidden = !text;
    this.#error.toggleAttribute("role", false);
    if (text) this.#error.setAttribute("role", "alert");
    this.control.setAttribute("aria-invalid", String(Boolean(text)));
    this.#describe();
    if (focus) this.control.focus();
  }

  #describe() {
    const told = [this.#hint, this.#error.hidden ? null : this.#error].filter(Boolean).map(({ id }) => id);
    if (told.length) this.control.setAttribute("aria-describedby", told.join(" "));
    else this.control.removeAttribute("aria-describedby");
  }
}

export const text = (id, label, { value = "", hint, optional, ...properties } = {}) =>
  new Field(id, label, el("input", { maxLength: 200, autocomplete: "off", ...properties, value }), { hint, optional });

/** choices: `[value, text]` each. */
export const choice = (id, label, choices, { value, hint, ...properties } = {}) =>
  new Field(id, label, el("select", properties, ...choices.map(([key, name]) => el("option", { value: key, selected: key === value }, name))), { hint });

/** A text of several lines. */
export const area = (id, label, { value = "", hint, optional, ...properties } = {}) =>
  new Field(id, label, el("textarea", { rows: 3, maxLength: 4000, ...properties, value }), { hint, optional });

/** One of several, each with a line about it. choices: `[value, title, about]` each; chosen: is told the value. */
export function radios(name, legend, choices, value, chosen = () => {}) {
  const one = ([key, title, about]) =>
    el(
      "label",
      { className: "tick" },
      el("input", { type: "radio", name, value: key, checked: key === value, onchange: () => chosen(key) }),
      el("span", {}, el("strong", {}, title), " ", about && el("span", { className: "soft small block" }, about)),
    );
  const element = el("fieldset", { className: "choices" }, el("legend", { className: "label" }, legend), ...choices.map(one));
  return { element, value: () => element.querySelector(":checked")?.value ?? "" };
}

export function tick(label, checked, changed = () => {}) {
  const box = el("input", { type: "checkbox", checked, onchange: () => changed(box.checked) });
  return { element: el("label", { className: "tick plain" }, box, el("span", {}, label)), value: () => box.checked };
}

/** Say at each field what is wrong with it. fields: by where they stand in the body; returns what belongs to none. */
export function complain(places, fields) {
  const left = [];
  let first = true;
  for (const { where, text: said } of places) {
    const field = fields[where];
    if (field) field.wrong(plainly(said), first);
    else left.push(where ? `${where}: ${said}` : plainly(said));
    first = first && !field;
  }
  return left;
}
