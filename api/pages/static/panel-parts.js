// What the parts of the panel are made of.

import { el } from "./dom.js";
import { said } from "./panel-words.js";

export const keycap = (key) => el("kbd", { "aria-hidden": "true" }, key);

/** A part of the panel under its own heading. */
export function part(title, ...children) {
  return el("section", { className: "panel-part", "aria-label": title }, el("h3", {}, title), ...children);
}

/** Words of the candidate, with their number in the transcript. */
export function quote({ turn, text }) {
  return el("blockquote", {}, el("p", {}, `“${text}”`), turn !== null && turn !== undefined && el("cite", {}, said.turn(turn)));
}

/** A button that a single key presses as well. */
export function keyed(label, key, onclick, className = "") {
  return el("button", { className, "aria-keyshortcuts": key, onclick }, label, keycap(key));
}
