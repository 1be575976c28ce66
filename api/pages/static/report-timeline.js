// Who spoke when: a bar for each speaker, and the same as a table.

import { clock, el } from "./dom.js";
import { strip } from "./report-strip.js";
import { words } from "./report-words.js";

const said = words.timeline;

/** spoken: stretches in the order of turns; play(startMs): null where there is no recording. */
export function timeline(spoken, play) {
  const end = Math.max(1, ...spoken.map((one) => one.end_ms));
  const speakers = [...new Set(spoken.map((one) => one.speaker))];
  return el(
    "section",
    { className: "card stack" },
    el("h2", {}, said.title),
    ...speakers.map((name) => bar(name, spoken.filter((one) => one.speaker === name), end, play)),
    el("p", { className: "row between small soft", "aria-hidden": "true" }, el("span", {}, clock(0)), el("span", {}, clock(end))),
    el("details", {}, el("summary", {}, said.table), table(spoken)),
  );
}

function bar(name, own, end, play) {
  const ms = own.reduce((sum, one) => sum + Math.max(0, one.end_ms - one.start_ms), 0);
  const told = said.turns(name, own.length, clock(ms));
  const shown = strip(told, own.map((one) => [one.start_ms / end, Math.max(one.end_ms, one.start_ms + 1) / end, "spoke"]), { "data-role": own[0].role });
  const picture = shown.querySelector("svg");
  if (play) {
    picture.dataset.plays = "true"; // for the mouse; the quotes and the player itself serve the keyboard
    picture.onclick = ({ clientX }) => {
      const { left, width } = picture.getBoundingClientRect();
      play(Math.round((end * (clientX - left)) / width));
    };
  }
  return shown;
}

function table(spoken) {
  const head = said.head.map((name) => el("th", { scope: "col" }, name));
  const rows = spoken.map((one) => el("tr", {}, el("td", {}, clock(one.start_ms)), el("td", {}, clock(one.end_ms)), el("td", {}, one.speaker)));
  return el("table", { className: "small" }, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows));
}
