// What people put in: a level of their own, a review, a decision.

import { el } from "./dom.js";
import { area, choice } from "./fields.js";
import { sending } from "./report-kept.js";
import { words } from "./report-words.js";

const said = words.forms;
const LEVELS = [...["1", "2", "3", "4", "5"].map((level) => [level, level]), ["", words.cantJudge]];

/** One choice and one text; sent: is called with both. */
function form({ id, label, choices, note, required, button, sent }) {
  const chosen = choice(`${id}-choice`, label, choices);
  const text = area(`${id}-note`, note, { required, minLength: required ? 10 : undefined });
  const send = el("button", {}, button);
  const onsubmit = (event) => {
    event.preventDefault();
    return sending(event.target, send, () => sent(chosen.value, text.value));
  };
  return el(
    "form",
    { className: "stack tight", onsubmit },
    chosen.element,
    text.element,
    el("p", { className: "row end" }, send),
  );
}

export function overrideForm(one, evaluation, act) {
  const { criterion_id: criterion, name } = one;
  const sent = (level, reason) => act("override", { evaluation, criterion_id: criterion, level: level ? Number(level) : null, reason }, said.override.done(name));
  const own = form({ id: `override-${criterion}`, choices: LEVELS, required: true, sent, ...said.override });
  return el("details", { className: "acts" }, el("summary", { "aria-label": said.override.titleFor(name) }, said.override.title), own);
}

export function reviewForm({ id }, act) {
  const sent = (verdict, note) => act("review", { verdict, evaluation_id: id, ...(note && { note }) }, said.review.done);
  return el("div", { className: "acts" }, form({ id: "review", choices: Object.entries(said.verdicts), sent, ...said.review }));
}

export function decisionForm({ assessment }, act) {
  const seen = assessment && { evaluation_version_seen: assessment.version };
  const sent = (decision, notes) => act("decide", { decision, ...(notes && { notes }), ...seen }, said.decision.done);
  return el("div", { className: "acts" }, form({ id: "decision", choices: Object.entries(said.decisions), sent, ...said.decision }));
}
