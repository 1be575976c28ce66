// What became of the copilot's cards, kind by kind, for those who could see them.

import { el } from "./dom.js";
import { said as panel } from "./panel-words.js";
import { words } from "./report-words.js";

const said = words.helped;
const COLUMNS = ["created", "accepted", "edited", "used", "dismissed", "ignored"];

/** kinds: of GET …/copilot/summary; null where there was no card. */
export function cards(kinds) {
  if (!kinds.length) return null;
  const head = ["kind", ...COLUMNS].map((name) => el("th", { scope: "col" }, said[name]));
  const rows = kinds.map((one) =>
    el("tr", {}, el("th", { scope: "row" }, panel.card.kinds[one.kind] ?? one.kind.replaceAll("_", " ")), ...COLUMNS.map((name) => el("td", {}, String(one[name])))),
  );
  return el(
    "section",
    { className: "card stack", id: "cards" },
    el("h2", {}, said.title),
    el(
      "div",
      { className: "scrolls", tabIndex: 0, role: "region", "aria-label": said.title },
      el("table", {}, el("caption", { className: "small soft" }, said.caption), el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows)),
    ),
  );
}
