// What people learn about how they held an interview: for themselves alone.

import { clock, el, served } from "./dom.js";
import { quoted } from "./report-quote.js";
import { strip } from "./report-strip.js";
import { words } from "./report-words.js";

const said = words.coaching;
const TONES = { asked: "good", paraphrased: "good", asked_by_bot: "", not_asked: "warn" };

/** told: what GET …/coaching says; own: of the reader alone; play(startMs, endMs): null where nothing can be played. */
export function coaching(told, { own, play }) {
  return el(
    "section",
    { className: "card stack", id: "coaching" },
    el("h2", {}, said.title(own)),
    el("p", { className: "small soft" }, said.alone(own)),
    ...told.interviewers.map((one) => person(one, told, { who: own ? null : one.name, show: { play, language: told.language } })),
    told.interviewers.length === 0 && el("p", { className: "soft" }, said.nobody(own)),
    plan(told.plan, told.language),
    told.criteria.length > 0 && pace(told.criteria),
  );
}

function person(one, { duration_ms: end, interviewers }, { who, show }) {
  const share = one.talk_ratio === null ? 0 : Math.round(100 * one.talk_ratio);
  const { longest_monologue: longest } = one;
  const facts = [
    [said.longest, longest ? said.stretch(clock(longest.end_ms - longest.start_ms), clock(longest.start_ms)) : words.nothingThere],
    [said.first, said.firstAt(one.first_question_ms === null ? null : clock(one.first_question_ms))],
    [said.interrupted(who), said.times(one.interruptions.length)],
    [said.wasInterrupted(who), said.times(one.interrupted)],
  ];
  return el(
    "div",
    { className: "stack" },
    interviewers.length > 1 && el("h3", {}, one.name),
    strip(said.share(who, share), [[0, share / 100, "own"], [share / 100, 1, "other"]]),
    longest && strip(said.longestBar(clock(longest.start_ms), clock(longest.end_ms), clock(end)), [[longest.start_ms / end, longest.end_ms / end, "own"]]),
    el("dl", { className: "facts" }, ...facts.flatMap(([name, value]) => [el("dt", { className: "soft" }, name), el("dd", {}, value)])),
    remarks(said.begun, one.interruptions.map((cut) => ({ ...cut, start_ms: cut.at_ms, what: said.into(cut.into) })), show),
    remarks(said.offLimits, one.off_limits, show, "bad"),
    one.leading === null && el("p", { className: "small soft" }, said.noRules),
    remarks(said.leading, one.leading ?? [], show, "warn"),
    remarks(said.double, one.double ?? [], show, "warn"),
  );
}

function remarks(title, found, show, tone = "") {
  if (!found.length) return null;
  return el(
    "details",
    { className: "remarks" },
    el("summary", {}, title, " ", el("span", { className: "pill", dataset: { tone } }, String(found.length))),
    el(
      "ul",
      { className: "plain" },
      ...found.map((one) =>
        el(
          "li",
          { className: "stack tight" },
          quoted(one, { ...show, play: one.end_ms ? show.play : null }),
          served("p", one.what, { className: "small" }),
          one.instead && el("p", {}, el("strong", {}, said.better), el("span", { lang: show.language }, one.instead)),
        ),
      ),
    ),
  );
}

function plan(questions, language) {
  const asked = questions.filter(({ how }) => how !== "not_asked").length;
  return el(
    "div",
    { className: "stack tight" },
    el("h3", {}, said.plan),
    strip(said.asked(asked, questions.length), [[0, questions.length ? asked / questions.length : 0, "own"]]),
    el(
      "ul",
      { className: "covered" },
      ...questions.map((one) =>
        el(
          "li",
          { className: "stack tight" },
          el("p", { className: "row between" }, el("span", { lang: language }, one.text), el("span", { className: "pill", dataset: { tone: TONES[one.how] } }, said.how[one.how])),
          one.how === "paraphrased" && el("p", { className: "small soft" }, el("span", { lang: language }, words.quote(one.words)), said.at(clock(one.at_ms))),
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
    el("h3", {}, said.pace),
    ...criteria.map(({ name, planned_ms: planned, spent_ms: spent }) =>
      strip(said.spent(name, clock(spent), clock(planned)), [[0, spent / most, "own"]], { mark: planned / most }),
    ),
  );
}
