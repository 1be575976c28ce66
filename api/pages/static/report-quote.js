// What somebody said, in their own language; where there is a recording it is a button that plays its moment.

import { clock, el, icon } from "./dom.js";
import { words } from "./report-words.js";

const SURE = 0.6;

/** language: of the interview; play(startMs, endMs): null where nothing can be played. */
export function quoted({ quote, start_ms: from, end_ms: to, confidence }, { play, language }) {
  const unsure = confidence !== null && confidence !== undefined && confidence < SURE;
  const text = el("span", { lang: language }, words.quote(quote));
  const about = el("span", { className: "small soft" }, clock(from), unsure && words.criteria.unsure);
  if (!play) return el("blockquote", { className: "quote" }, text, about);
  return el("button", { className: "quote", type: "button", onclick: () => play(from, to), "aria-label": words.playAt(clock(from), quote) }, icon("play"), text, about);
}
