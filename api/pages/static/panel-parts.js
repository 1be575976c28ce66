// What the parts of the panel are made of.

import { el } from "./dom.js";
import { said } from "./panel-words.js";

const keycap = (key) => el("kbd", { "aria-hidden": "true" }, key);

/** A part of the panel under its own heading. */
export function part(title, ...children) {
  return el("section", { className: "panel-part", "aria-label": title }, el("h3", {}, title), ...children);
}

let language = "";

/** Tell the language of what is said and asked, which need not be the page's (WCAG 3.1.2). */
export const spokenIn = (code) => (language = code);
export const spoken = (tag, text, options = {}) => el(tag, { lang: language, ...options }, text);

/** Words of somebody, and where they are from; by themselves their number in the transcript. */
export function quote({ turn, text }, from = turn == null ? "" : said.turn(turn)) {
  return el("blockquote", {}, spoken("p", `“${text}”`), from && el("cite", {}, from));
}

/** A button that a single key presses as well. */
export function keyed(label, key, onclick, className = "") {
  return el("button", { className, "aria-keyshortcuts": key, onclick }, label, keycap(key));
}
