// What a new plan begins with: a sentence, a ready plan, questions of the bank, or nothing.

import { words } from "./app-words.js";
import { el, served } from "./dom.js";
import { choice, plainly, radios } from "./fields.js";
import { bankDialog } from "./plan-bank.js";
import { addFromBank, blankPlan, minutesOf, questionsOf } from "./plan-model.js";
import { growing } from "./plan-question.js";
import { Refused } from "./server.js";

const said = words.compose;
const AROUND_MIN = 4; // hello, consent and good-bye

/** begin(plan): takes a plan on; returns whether it was. */
export function planSources(page, ready, languages, begin) {
  const panel = el("div", { className: "stack" });
  const panels = {
    sentence: () => sentence(page, languages, begin),
    ready: () => readyPlans(page, ready, begin),
    bank: () => fromBank(page, begin),
    empty: () => begin(blankPlan()).then(() => []),
  };
  const open = async (source) => {
    panel.replaceChildren();
    const content = await panels[source]();
    panel.replaceChildren(...content);
  };
  const sources = radios("source", said.begin, Object.entries(said.sources).map(([value, told]) => [value, ...told]), "sentence", open);
  open("sentence");
  return { element: el("div", { className: "stack" }, sources.element, panel) };
}

function sentence(page, languages, begin) {
  const prompt = growing("sentence", said.sentence, "", () => {}, { rows: 3, maxLength: 20_000, placeholder: said.sentenceFor });
  const language = choice("sentence-language", said.language, languages, { value: "en" });
  const told = el("div", { className: "stack tight", role: "status" });
  const go = el("button", { type: "button", className: "primary" }, said.draft);
  go.onclick = async () => {
    go.disabled = true;
    go.textContent = said.drafting;
    try {
      const draft = await page.server.post("v1/interviews/draft", { prompt: prompt.value, language: language.value });
      if (await begin(draft.plan)) told.replaceChildren(...notes(draft));
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 422) return page.fail(error);
      const { places } = error;
      const own = places.find(({ where }) => where === "prompt") ?? places.find(({ where }) => where !== "language");
      (own ? prompt : language).wrong(plainly(own?.text ?? places[0]?.text ?? error.message));
    } finally {
      go.disabled = false;
      go.textContent = said.draft;
    }
  };
  return [el("div", { className: "sentence" }, prompt.element, language.element), el("p", { className: "row end" }, go), told];
}

/** Why a draft is as it is, and what of the wish it could not do. */
function notes({ plan, because, warnings, questions }) {
  const reasons = [...new Set([...because, ...questions.map((one) => one.because)])].filter(Boolean);
  const list = (items) => el("ul", {}, ...items.map((item) => served("li", item)));
  return [
    el("p", {}, said.drafted(questionsOf(plan).length, plan.minutes)),
    warnings.length > 0 && el("div", { className: "notice", dataset: { tone: "warn" } }, el("strong", {}, said.notSure), list(warnings)),
    reasons.length > 0 && el("details", { className: "small" }, el("summary", {}, said.because), list(reasons)),
  ].filter(Boolean);
}

function readyPlans(page, ready, begin) {
  const take = async (name) => {
    try {
      await begin(await page.server.get(`app/plans/${encodeURIComponent(name)}`));
    } catch (error) {
      page.fail(error);
    }
  };
  const plans = radios("ready", said.ready, ready.map(({ name, title, questions, minutes }) => [name, title, said.readyAbout(questions, minutes)]), null, take);
  return [plans.element];
}

function fromBank(page, begin) {
  const choose = async () => {
    try {
      const { data } = await page.server.get("v1/question-bank");
      const chosen = await bankDialog(data, new Set());
      if (!chosen.length) return;
      const plan = blankPlan();
      plan.sections[0].questions = [];
      plan.sections[0].name = chosen[0].skill_name;
      addFromBank(plan, plan.sections[0], chosen);
      plan.minutes = Math.ceil(minutesOf(plan.sections[0].questions).core) + AROUND_MIN;
      await begin(plan);
    } catch (error) {
      page.fail(error);
    }
  };
  return [el("p", {}, el("button", { type: "button", className: "primary", onclick: choose }, said.choose))];
}
