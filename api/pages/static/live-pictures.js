// Pictures of a call: what has been covered of each criterion, and how long each answer was waited for.

import { words } from "./app-words.js";
import { el, svg } from "./dom.js";
import { questionsOf } from "./plan-model.js";
import { isOver, reasonOf } from "./status.js";

const WIDTH = 320;
const HEIGHT = 72;
const MOST = 48; // bars
const LEAST_SCALE_MS = 1000;
const said = words.one;

/** For each criterion one piece for each question that is asked for it; and every question with its outcome. */
export function coverage(read, unfolded) {
  const { plan } = read;
  const outcome = new Map(read.coverage.map((one) => [one.question_id, stands(one, read)]));
  const questions = questionsOf(plan);
  const rows = plan.criteria
    .map(({ id, name }) => ({ name, asked: questions.filter(({ criteria }) => criteria.includes(id)) }))
    .filter(({ asked }) => asked.length > 0);
  if (!rows.length) rows.push({ name: said.noCriteria, asked: questions });
  return [
    el("h2", {}, said.coverage),
    el("ul", { className: "bars" }, ...rows.map(({ name, asked }) => bar({ name, language: read.language }, asked.map(({ id }) => outcome.get(id) ?? "pending")))),
    el("details", { className: "small", open: unfolded ?? false }, el("summary", {}, said.eachQuestion), el("ol", { className: "coverage" }, ...read.coverage.map((one) => question(one, read)))),
  ];
}

const stands = ({ status }, read) => (isOver(read.status) && status === "pending" ? "not_reached" : status);

function bar({ name, language }, outcomes) {
  const done = outcomes.filter((one) => one === "answered").length;
  return el(
    "li",
    {},
    el("p", { className: "row between small" }, el("span", { lang: language }, name), el("span", { className: "soft" }, said.covered(done, outcomes.length))),
    el("div", { className: "pieces", "aria-hidden": "true" }, ...outcomes.map((outcome) => el("i", { dataset: { outcome } }))),
  );
}

function question(one, read) {
  const { text, signals, reason } = one;
  const status = stands(one, read);
  const about = [said.outcomes[status] ?? status, reasonOf({ status_reason: reason }), ...signals.map((signal) => words.plan.signals[signal]?.toLowerCase() ?? signal.replaceAll("_", " "))];
  return el("li", { dataset: { status } }, el("p", { lang: read.language }, text), el("p", { className: "soft" }, about.filter(Boolean).join(" · ")));
}

/** Milliseconds from the end of each answer to the bot's first sound: a bar each, and a line through the middle one. */
export function latency(answers) {
  const shown = answers.slice(-MOST);
  const sorted = [...answers].sort((one, other) => one - other);
  const p50 = Math.round(sorted[Math.floor((sorted.length - 1) / 2)]);
  const slowest = Math.round(sorted.at(-1));
  const scale = Math.max(LEAST_SCALE_MS, ...shown);
  const step = WIDTH / Math.max(shown.length, 16);
  const y = (ms) => HEIGHT - (HEIGHT * ms) / scale;
  const told = said.latencyTold(answers.length, p50, slowest);
  const bars = shown.map((ms, index) =>
    svg("rect", { x: index * step, y: y(ms), width: Math.max(1, step - 2), height: HEIGHT - y(ms), rx: 1.5 }, svg("title", {}, said.latencyScale(Math.round(ms)))),
  );
  return el(
    "figure",
    { className: "latency" },
    svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": told }, ...bars, svg("line", { x1: 0, x2: WIDTH, y1: y(p50), y2: y(p50) })),
    el("figcaption", { className: "small soft" }, told),
  );
}
