// What became of the copilot's cards, kind by kind, for those who could see them.

import { el } from "./dom.js";
import { said as panel } from "./panel-words.js";
import { words } from "./report-words.js";

const said = words.helped;
const COLUMNS = ["created", "accepted", "edited", "used", "dismissed", "ignored"];

/** Of one interview. kinds: of GET …/copilot/summary; null where there was no card. */
export function cards(kinds) {
  if (!kinds.length) return null;
  return el("section", { className: "card stack", id: "cards" }, el("h2", {}, said.title), table(kinds, said.caption));
}

/** Of all interviews of late, folded. told: what GET v1/copilot/summary says; null where there was no card. */
export function allCards({ kinds, muted_days: days, muted_below: below }) {
  if (!kinds.length) return null;
  return el(
    "details",
    { className: "card small", id: "cards" },
    el("summary", {}, said.title),
    el(
      "div",
      { className: "stack tight" },
      table(kinds, said.ofLate(days)),
      kinds.some(({ muted }) => muted) && el("p", { className: "small soft" }, said.whyMuted(Math.round(100 * below))),
    ),
  );
}

function table(kinds, caption) {
  const head = ["kind", ...COLUMNS, "helped"].map((name) => el("th", { scope: "col" }, said[name]));
  return el(
    "div",
    { className: "scrolls", tabIndex: 0, role: "region", "aria-label": said.title },
    el("table", {}, el("caption", { className: "small soft" }, caption), el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...kinds.map(row))),
  );
}

function row(one) {
  const kind = panel.card.kinds[one.kind] ?? one.kind.replaceAll("_", " ");
  return el(
    "tr",
    {},
    el("th", { scope: "row" }, kind, one.muted && el("span", { className: "pill", dataset: { tone: "warn" } }, said.muted)),
    ...COLUMNS.map((name) => el("td", {}, String(one[name]))),
    el("td", {}, one.precision === null ? words.nothingThere : said.share(Math.round(100 * one.precision))),
  );
}
