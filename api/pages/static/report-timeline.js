// Who spoke when: a bar for each speaker, and the same as a table.

import { clock, el, svg } from "./dom.js";
import { words } from "./report-words.js";

const said = words.timeline;
const WIDTH = 1000;
const HEIGHT = 16;

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
  const x = (at) => (WIDTH * at) / end;
  const picture = svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": told, "data-role": own[0].role },
    svg("rect", { class: "ground", width: WIDTH, height: HEIGHT }),
    ...own.map((one) => svg("rect", { class: "spoke", x: x(one.start_ms), width: Math.max(1.5, x(one.end_ms) - x(one.start_ms)), height: HEIGHT })),
  );
  if (play) {
    picture.dataset.plays = "true"; // for the mouse; the quotes and the player itself serve the keyboard
    picture.onclick = ({ clientX }) => {
      const { left, width } = picture.getBoundingClientRect();
      play(Math.round((end * (clientX - left)) / width));
    };
  }
  return el("div", { className: "bar stack tight" }, el("p", { className: "small", "aria-hidden": "true" }, told), picture);
}

function table(spoken) {
  const head = said.head.map((name) => el("th", { scope: "col" }, name));
  const rows = spoken.map((one) => el("tr", {}, el("td", {}, clock(one.start_ms)), el("td", {}, clock(one.end_ms)), el("td", {}, one.speaker)));
  return el("table", { className: "small" }, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows));
}
