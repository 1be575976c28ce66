// A plan as it is edited: plain values as the API takes them (`bot/plan.py`), changed in place.

export const SIGNALS = ["situation", "own_part", "action", "result", "number", "trade_off", "lesson"];
export const LEVELS = [1, 2, 3, 4, 5];
const EXPECTED = ["situation", "own_part", "action", "result"];

export const questionsOf = (plan) => plan.sections.flatMap((section) => section.questions);

export const blankPlan = () => {
  const plan = { title: "", minutes: 20, language: "en", criteria: [], sections: [], facts: [] };
  plan.sections.push(blankSection(plan));
  return plan;
};

export const blankSection = (plan) => {
  const section = { id: fresh(plan.sections, "section"), name: "", questions: [] };
  section.questions.push(blankQuestion(plan));
  return section;
};

export const blankQuestion = (plan) => ({
  id: fresh(questionsOf(plan), "question"),
  text: "",
  rephrase: "",
  criteria: [],
  expects: [...EXPECTED],
  probes: {},
  max_followups: 2,
  patience: "normal",
  priority: "core",
  minutes: 3,
  anchors: {},
  terms: [],
});

export const blankCriterion = (plan) => ({
  id: fresh(plan.criteria, "criterion"),
  name: "",
  description: "",
  weight: plan.criteria.length ? plan.criteria.at(-1).weight : 1,
  required: false,
  min_level: null,
  anchors: {},
});

/** A question of the bank, and the criterion that its answers are rated by. */
export function fromBank({ id, text, rephrase, measures, expects, probes, anchors, patience, max_followups: most, terms, minutes }) {
  return {
    question: { id, text, rephrase, criteria: [id], expects, probes, max_followups: most, patience, priority: "core", minutes, anchors: {}, terms },
    criterion: { id, name: measures, description: "", weight: 1, required: false, min_level: null, anchors },
  };
}

/** Add questions of the bank to a section, each with its criterion. */
export function addFromBank(plan, section, chosen) {
  for (const { question, criterion } of chosen.map(fromBank)) {
    section.questions.push(question);
    if (!plan.criteria.some(({ id }) => id === criterion.id)) plan.criteria.push(criterion);
  }
}

/** Minutes that questions take: those always asked, and those that may be left out. */
export function minutesOf(questions) {
  const sum = (priority) => questions.filter((one) => one.priority === priority).reduce((total, { minutes }) => total + (Number(minutes) || 0), 0);
  return { core: tenths(sum("core")), optional: tenths(sum("optional")) };
}

/**
 * Move a question by one place, into the next section where its own ends; returns whether it moved.
 * One that is alone in its section changes places with its neighbour, so that no section is left empty.
 */
export function moveQuestion(plan, question, by) {
  const s = plan.sections.findIndex(({ questions }) => questions.includes(question));
  const own = plan.sections[s].questions;
  const from = own.indexOf(question);
  if (own[from + by]) return Boolean(own.splice(from + by, 0, ...own.splice(from, 1)));
  const other = plan.sections[s + by]?.questions;
  if (!other) return false;
  const to = by < 0 ? other.length - 1 : 0;
  if (own.length === 1 && other.length) [own[0], other[to]] = [other[to], own[0]];
  else other.splice(by < 0 ? other.length : 0, 0, ...own.splice(from, 1));
  return true;
}

/** Put a question in another's place; alone in its section, it changes places with it. */
export function putBefore(plan, question, other) {
  const section = ({ questions }) => questions;
  const own = plan.sections.map(section).find((questions) => questions.includes(question));
  const its = plan.sections.map(section).find((questions) => questions.includes(other));
  const down = own === its && own.indexOf(question) < own.indexOf(other);
  if (own !== its && own.length === 1) {
    [own[0], its[its.indexOf(other)]] = [other, question];
    return;
  }
  own.splice(own.indexOf(question), 1);
  its.splice(its.indexOf(other) + (down ? 1 : 0), 0, question);
}

export function moveIn(list, one, by) {
  const from = list.indexOf(one);
  if (!list[from + by]) return false;
  list.splice(from + by, 0, ...list.splice(from, 1));
  return true;
}

/** Take a question out, and with the last one of several sections its section. */
export function removeQuestion(plan, question) {
  const section = plan.sections.find(({ questions }) => questions.includes(question));
  if (section.questions.length === 1 && plan.sections.length > 1) plan.sections.splice(plan.sections.indexOf(section), 1);
  else section.questions.splice(section.questions.indexOf(question), 1);
}

export function removeCriterion(plan, criterion) {
  plan.criteria.splice(plan.criteria.indexOf(criterion), 1);
  for (const question of questionsOf(plan)) question.criteria = question.criteria.filter((id) => id !== criterion.id);
}

/** A copy for the API: what was left empty is left out. */
export function sendable(plan) {
  const copy = structuredClone(plan);
  const filled = (named) => Object.fromEntries(Object.entries(named).filter(([, text]) => text.trim()));
  for (const question of questionsOf(copy)) Object.assign(question, { probes: filled(question.probes), anchors: filled(question.anchors) });
  for (const criterion of copy.criteria) criterion.anchors = filled(criterion.anchors);
  copy.facts = copy.facts.map((fact) => fact.trim()).filter(Boolean);
  return copy;
}

/** What stands at `sections[0].questions[2].text`. */
export const read = (plan, where) => steps(where).reduce((value, step) => value?.[step], plan);

export function write(plan, where, value) {
  const path = steps(where);
  const last = path.pop();
  path.reduce((inside, step) => inside[step], plan)[last] = value;
}

const steps = (where) => where.split(/[.[\]]+/).filter(Boolean);
const tenths = (minutes) => Math.round(minutes * 10) / 10;

function fresh(among, kind) {
  let number = among.length + 1;
  while (among.some(({ id }) => id === `${kind}-${number}`)) number += 1;
  return `${kind}-${number}`;
}
