// What people put in: a level of their own, a review, a decision.

import { el } from "./dom.js";

const LEVELS = [["1", "1"], ["2", "2"], ["3", "3"], ["4", "4"], ["5", "5"], ["", "Can't be judged"]];
const VERDICTS = [["approved", "It holds"], ["needs_changes", "It needs changes"], ["rejected", "It does not hold"]];
const DECISIONS = [["next_round", "Next round"], ["hire", "Hire"], ["no_hire", "No hire"], ["undecided", "Undecided"]];

/** One choice and one text; sent: is called with both, and returns whether it worked out. */
function form({ id, label, choices, note, required, button, sent }) {
  const choice = el("select", { id: `${id}-choice` }, ...choices.map(([value, text]) => el("option", { value }, text)));
  const text = el("textarea", { id: `${id}-note`, rows: 3, maxLength: 4000, required, minLength: required ? 10 : undefined });
  const send = el("button", {}, button);
  const onsubmit = async (event) => {
    event.preventDefault();
    send.disabled = true;
    await sent(choice.value, text.value.trim());
    send.disabled = false;
  };
  return el(
    "form",
    { className: "stack tight", onsubmit },
    el("div", { className: "field" }, el("label", { for: choice.id }, label), choice),
    el("div", { className: "field" }, el("label", { for: text.id }, note), text),
    el("p", { className: "row end" }, send),
  );
}

export function overrideForm(one, evaluation, act) {
  const { criterion_id: criterion, name } = one;
  const sent = (level, reason) =>
    act("override", { evaluation, criterion_id: criterion, level: level ? Number(level) : null, reason }, `Your level for ${name} counts now; the engine's stays beside it.`);
  const own = form({ id: `override-${criterion}`, label: "Your level", choices: LEVELS, note: "Why (10 characters or more)", required: true, button: "Put it in its place", sent });
  return el("details", { className: "acts" }, el("summary", { "aria-label": `Put in a level of your own for ${name}` }, "Put in a level of your own"), own);
}

export function reviewForm({ id }, act) {
  const sent = (verdict, note) => act("review", { verdict, evaluation_id: id, ...(note && { note }) }, "Your review is kept.");
  return el("div", { className: "acts" }, form({ id: "review", label: "Verdict", choices: VERDICTS, note: "Note (needed unless it holds)", button: "Keep this review", sent }));
}

export function decisionForm({ assessment }, act) {
  const seen = assessment && { evaluation_version_seen: assessment.version };
  const sent = (decision, notes) => act("decide", { decision, ...(notes && { notes }), ...seen }, "Your decision is kept.");
  return el("div", { className: "acts" }, form({ id: "decision", label: "Decision", choices: DECISIONS, note: "Notes", button: "Record this decision", sent }));
}
