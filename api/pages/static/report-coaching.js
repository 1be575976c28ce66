// What people learn about how they held an interview: for themselves alone.

import { clock, el, svg } from "./dom.js";

const WIDTH = 1000;
const HEIGHT = 16;
const HOW = { asked: ["As written", "good"], paraphrased: ["In other words", "good"], asked_by_bot: ["By the bot", ""], not_asked: ["Not asked", "warn"] };

/** told: what GET …/coaching says; own: of the reader alone; play(startMs, endMs): null where nothing can be played. */
export function coaching(told, { own, play }) {
  return el(
    "section",
    { className: "card stack", id: "coaching" },
    el("h2", {}, own ? "How you held it" : "How it was held"),
    el("p", { className: "small soft" }, `For ${own ? "you" : "those who held it"} alone: it is no part of the candidate's record, and no evaluation reads it.`),
    ...told.interviewers.map((one) => person(one, told, { who: own ? "You" : one.name, play })),
    told.interviewers.length === 0 && el("p", { className: "soft" }, `No interviewer was heard in this call${own ? " as you" : ""}.`),
    plan(told.plan),
    told.criteria.length > 0 && pace(told.criteria),
  );
}

function person(one, { duration_ms: end, interviewers }, { who, play }) {
  const share = one.talk_ratio === null ? 0 : Math.round(100 * one.talk_ratio);
  const { longest_monologue: longest } = one;
  const facts = [
    ["Longest stretch without an answer", longest ? `${clock(longest.end_ms - longest.start_ms)}, from ${clock(longest.start_ms)}` : "–"],
    ["First question", one.first_question_ms === null ? "none" : `at ${clock(one.first_question_ms)}`],
    [`${who} began while the candidate spoke`, times(one.interruptions.length)],
    [`The candidate began while ${who === "You" ? "you" : who} spoke`, times(one.interrupted)],
  ];
  return el(
    "div",
    { className: "stack" },
    interviewers.length > 1 && el("h3", {}, one.name),
    bar(`${who} spoke for ${share} % of the time, the candidate for ${100 - share} %`, [[0, share / 100, "own"], [share / 100, 1, "other"]]),
    longest && bar(`The longest stretch: ${clock(longest.start_ms)} to ${clock(longest.end_ms)} of ${clock(end)}`, [[longest.start_ms / end, longest.end_ms / end, "own"]]),
    el("dl", { className: "facts" }, ...facts.flatMap(([name, value]) => [el("dt", { className: "soft" }, name), el("dd", {}, value)])),
    remarks("Begun while the candidate spoke", one.interruptions.map((cut) => ({ ...cut, start_ms: cut.at_ms, what: `into: “${cut.into}”` })), play),
    remarks("Off-limits ground", one.off_limits, play, "bad"),
    one.leading === null && el("p", { className: "small soft" }, "There are no rules for leading and double questions in this language yet."),
    remarks("Leading questions", one.leading ?? [], play, "warn"),
    remarks("Two questions at once", one.double ?? [], play, "warn"),
  );
}

const times = (count) => ["never", "once"][count] ?? `${count} times`;

function remarks(title, found, play, tone = "") {
  if (!found.length) return null;
  return el(
    "details",
    { className: "remarks" },
    el("summary", {}, title, " ", el("span", { className: "pill", dataset: { tone } }, String(found.length))),
    el(
      "ul",
      { className: "plain" },
      ...found.map(({ quote, start_ms: from, end_ms: to, what, instead }) =>
        el(
          "li",
          { className: "stack tight" },
          play && to
            ? el("button", { className: "quote", type: "button", onclick: () => play(from, to), "aria-label": `Play at ${clock(from)}: “${quote}”` }, el("span", {}, `“${quote}”`), el("span", { className: "small soft" }, clock(from)))
            : el("blockquote", { className: "quote" }, el("span", {}, `“${quote}”`), el("span", { className: "small soft" }, clock(from))),
          el("p", { className: "small" }, what),
          instead && el("p", {}, el("strong", {}, "Better: "), instead),
        ),
      ),
    ),
  );
}

function plan(questions) {
  const asked = questions.filter(({ how }) => how !== "not_asked").length;
  return el(
    "div",
    { className: "stack tight" },
    el("h3", {}, "The plan"),
    bar(`${asked} of ${questions.length} questions were asked`, [[0, questions.length ? asked / questions.length : 0, "own"]]),
    el(
      "ul",
      { className: "covered" },
      ...questions.map((one) =>
        el(
          "li",
          { className: "stack tight" },
          el("p", { className: "row between" }, el("span", {}, one.text), el("span", { className: "pill", dataset: { tone: HOW[one.how][1] } }, HOW[one.how][0])),
          one.how === "paraphrased" && el("p", { className: "small soft" }, `“${one.words}” at ${clock(one.at_ms)}`),
        ),
      ),
    ),
  );
}

function pace(criteria) {
  const most = Math.max(1, ...criteria.flatMap(({ planned_ms: planned, spent_ms: spent }) => [planned, spent]));
  return el(
    "div",
    { className: "stack tight" },
    el("h3", {}, "Time for each criterion"),
    ...criteria.map(({ name, planned_ms: planned, spent_ms: spent }) =>
      bar(`${name}: ${clock(spent)} spent, ${clock(planned)} planned`, [[0, spent / most, "own"]], planned / most),
    ),
  );
}

/** A bar with its words. parts: from, to, whose, as shares 0-1; mark: where the plan is. */
function bar(told, parts, mark = null) {
  const x = (share) => Math.max(0, Math.min(WIDTH, WIDTH * share));
  const picture = svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": told },
    svg("rect", { class: "ground", width: WIDTH, height: HEIGHT }),
    ...parts.filter(([from, to]) => to > from).map(([from, to, whose]) => svg("rect", { class: `part ${whose}`, x: x(from), width: Math.max(1.5, x(to) - x(from)), height: HEIGHT })),
    ...(mark === null ? [] : [svg("rect", { class: "mark", x: Math.min(WIDTH - 4, x(mark)), width: 4, height: HEIGHT })]),
  );
  return el("div", { className: "bar stack tight" }, el("p", { className: "small", "aria-hidden": "true" }, told), picture);
}
