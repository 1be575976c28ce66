// A new interview: who, and either a ready plan or questions of the bank.

import { el } from "./dom.js";
import { Refused } from "./server.js";

const MINUTES_AT_LEAST = 5;

export async function compose({ server, signal, show, fail }) {
  const [plans, bank] = await Promise.all([server.get("app/plans"), server.get("v1/question-bank")]);
  if (signal.aborted) return;
  const name = field("candidate", "Candidate's name", { required: true, autocomplete: "off" });
  const organisation = field("organisation", "Organisation", { autocomplete: "organization" });
  const title = field("title", "Title", { autocomplete: "off", placeholder: "The plan's own" });
  const ready = readyPlans(plans.data);
  const picked = questionPicker(bank.data);
  const errors = el("div", { className: "notice", dataset: { tone: "bad" }, role: "alert", hidden: true });

  const send = async (event) => {
    event.preventDefault();
    const own = picked.chosen();
    const body = {
      candidate: { name: name.value() },
      ...(title.value() && { title: title.value() }),
      ...(organisation.value() && { organisation: organisation.value() }),
      ...(ready.chosen() ? { plan_name: ready.chosen() } : { question_ids: own.ids, minutes: own.minutes }),
    };
    try {
      const interview = await server.post("v1/interviews", body);
      location.hash = `#/interview/${encodeURIComponent(interview.id)}`;
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 422) return fail(error);
      errors.replaceChildren(el("strong", {}, "That can't be created yet."), ...error.sentences.map((said) => el("span", {}, said)));
      errors.hidden = false;
    }
  };

  ready.changed = (value) => (picked.element.hidden = Boolean(value));
  ready.changed(ready.chosen());
  show(
    el(
      "form",
      { className: "card stack narrow", onsubmit: send },
      el("h1", { tabIndex: -1 }, "New interview"),
      name.element,
      el("div", { className: "two" }, organisation.element, title.element),
      ready.element,
      picked.element,
      errors,
      el(
        "p",
        { className: "row end" },
        el("a", { className: "button quiet", href: "#/" }, "Cancel"),
        el("button", { className: "primary" }, "Create interview"),
      ),
    ),
  );
}

function field(id, label, properties) {
  const input = el("input", { id, maxLength: 200, ...properties });
  return {
    element: el("div", { className: "field" }, el("label", { for: id }, label), input),
    value: () => input.value.trim(),
  };
}

/** One choice of the ready plans, and one for the bank (its value is empty). */
function readyPlans(plans) {
  const picker = { changed: () => {} };
  const choice = (value, title, about, checked) =>
    el(
      "label",
      { className: "tick" },
      el("input", { type: "radio", name: "plan", value, checked, onchange: () => picker.changed(value) }),
      el("span", {}, el("strong", {}, title), " ", el("span", { className: "soft small block" }, about)),
    );
  const element = el(
    "fieldset",
    { className: "choices" },
    el("legend", { className: "label" }, "Plan"),
    ...plans.map((plan, index) =>
      choice(plan.name, plan.title, `${plan.questions} questions, ${plan.minutes} minutes`, index === 0),
    ),
    choice("", "My own questions", "Pick them from the question bank", plans.length === 0),
  );
  picker.element = element;
  picker.chosen = () => element.querySelector(":checked")?.value ?? "";
  return picker;
}

function questionPicker(questions) {
  const skills = Map.groupBy
    ? Map.groupBy(questions, (question) => question.skill_name)
    : questions.reduce((map, question) => map.set(question.skill_name, [...(map.get(question.skill_name) ?? []), question]), new Map());
  const sum = el("p", { className: "small soft", role: "status" });
  const boxes = [];
  const chosen = () => {
    const ids = boxes.filter((box) => box.checked).map((box) => box.value);
    const spent = questions.filter(({ id }) => ids.includes(id)).reduce((total, { minutes }) => total + minutes, 0);
    return { ids, minutes: Math.max(MINUTES_AT_LEAST, Math.ceil(spent) + 4) };
  };
  const count = () => {
    const { ids, minutes } = chosen();
    sum.textContent = ids.length ? `${ids.length} chosen, about ${minutes} minutes` : "Nothing chosen yet";
  };
  const groups = [...skills].map(([skill, group]) =>
    el(
      "details",
      {},
      el("summary", {}, skill, el("span", { className: "small soft" }, ` ${group.length}`)),
      ...group.map(({ id, text }) => {
        const box = el("input", { type: "checkbox", value: id, onchange: count });
        boxes.push(box);
        return el("label", { className: "tick plain" }, box, el("span", {}, text));
      }),
    ),
  );
  count();
  return { element: el("div", { className: "bank stack", role: "group", "aria-label": "Questions" }, sum, ...groups), chosen };
}
