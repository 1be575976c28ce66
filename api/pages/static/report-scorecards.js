// What those who held an interview rate: their form, and afterwards the AI's levels beside it.

import { el } from "./dom.js";
import { moment } from "./status.js";

const OVERALL = { strong_yes: "Strong yes", yes: "Yes", mixed: "Mixed", no: "No", strong_no: "Strong no" };
const TONES = { strong_yes: "good", yes: "good", mixed: "warn", no: "bad", strong_no: "bad" };
const AGREES = {
  same: ["They agree", "good"],
  near: ["One level apart", ""],
  apart: ["They disagree", "bad"],
  one_sided: ["Only one gave a level", "warn"],
  none: ["Not rated", ""],
};
const DRAFTS = "vivavoce.scorecard.";

/** told: what GET …/scorecards says; act(name, body, done): sends what is filled in, and shows the page anew. */
export function scorecards(told, act) {
  const { sealed, data, side_by_side: both, opening } = told;
  return el(
    "section",
    { className: "card stack", id: "scorecards" },
    el("h2", {}, "Scorecards"),
    sealed && waiting(),
    opening && el("p", { className: "notice" }, el("strong", {}, `${opening.by} opened the AI's levels without a scorecard`), opening.reason, el("span", { className: "small soft" }, moment(opening.at))),
    both ? beside(both, told) : !sealed && el("p", { className: "soft" }, "The AI has not rated this interview yet."),
    data.length > 0 && submitted(told),
    fill(told, act),
  );
}

const waiting = () =>
  el(
    "p",
    { className: "notice" },
    el("strong", {}, "Waiting for a scorecard"),
    "The AI's levels stay hidden until one is in: whoever held this interview judges by what they heard, not by what a machine says.",
  );

// ---- side by side ---------------------------------------------------------------------------------------------------

function beside({ criteria, overall, recommendation }, { data }) {
  const newest = [...new Map([...data].reverse().map((card) => [card.by, card])).values()];
  const head = ["Criterion", "AI", ...newest.map(({ name }) => name), ""].map((name) => el("th", { scope: "col" }, name || el("span", { className: "only-heard" }, "Agreement")));
  const rows = criteria.map((one) => {
    const sides = newest.map(({ by }) => one.people.find((side) => side.by === by));
    const worst = ["apart", "one_sided", "near", "same"].find((name) => sides.some((side) => side?.agreement === name)) ?? "none";
    return el(
      "tr",
      { dataset: { agreement: worst } },
      el("th", { scope: "row" }, one.name),
      el("td", {}, level(one.level)),
      ...sides.map((side) => el("td", {}, side ? level(side.level) : "–", side?.amended != null && el("span", { className: "small soft" }, ` later ${side.amended}`))),
      el("td", {}, newest.length > 0 && el("span", { className: "pill", dataset: { tone: AGREES[worst][1] } }, AGREES[worst][0])),
    );
  });
  const all = el(
    "tr",
    {},
    el("th", { scope: "row" }, "Overall"),
    el("td", {}, [OVERALL[recommendation] ?? "No recommendation", overall === null ? "" : `${overall} of 100`].filter(Boolean).join(", ")),
    ...newest.map((card) => el("td", {}, OVERALL[card.overall])),
    el("td", {}),
  );
  return el(
    "div",
    { className: "scrolls", tabIndex: 0, role: "region", "aria-label": "Side by side" },
    el("table", { className: "beside" }, el("caption", { className: "small soft" }, "Levels 1 to 5, each given before the other was seen"), el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows, all)),
  );
}

const level = (given) => (given === null || given === undefined ? "–" : String(given));

function submitted({ data, criteria }) {
  const named = (id) => criteria.find((one) => one.criterion_id === id)?.name ?? id;
  return el(
    "ul",
    { className: "plain cards" },
    ...data.map((card) =>
      el(
        "li",
        {},
        el(
          "details",
          {},
          el(
            "summary",
            {},
            `${card.name}: ${OVERALL[card.overall].toLowerCase()}`,
            el("span", { className: "small soft" }, ` · version ${card.version}, ${card.blind ? "before the AI's levels were seen" : "with the AI's levels in view"} · `, moment(card.at)),
          ),
          card.reason && el("p", {}, el("strong", {}, "Amended: "), card.reason),
          card.note && el("p", {}, card.note),
          el("ul", { className: "plain" }, ...card.ratings.map((one) => el("li", {}, el("strong", {}, named(one.criterion_id)), `: ${one.level === null ? "not asked" : `level ${one.level}`}${one.note ? `. ${one.note}` : ""}`))),
        ),
      ),
    ),
  );
}

// ---- the form -------------------------------------------------------------------------------------------------------

function fill(told, act) {
  const { criteria, own, interview_id: id } = told;
  const fields = criteria.map((one, number) => criterion(one, number));
  const overall = choice("card-overall", Object.entries(OVERALL), "Overall");
  const note = area("card-note", "Note (optional)");
  const reason = own && area("card-reason", "Why you amend it (10 characters or more)", { required: true, minLength: 10 });
  const send = el("button", { className: "primary" }, own ? "Submit the amendment" : "Submit my scorecard");
  const read = () => ({
    overall: overall.input.value,
    ratings: fields.map((field) => field.read()),
    ...(note.input.value.trim() && { note: note.input.value.trim() }),
    ...(reason && { reason: reason.input.value.trim() }),
  });
  const onsubmit = async (event) => {
    event.preventDefault();
    send.disabled = true;
    const body = read();
    sessionStorage.removeItem(DRAFTS + id);
    const sent = await act("scorecard", body, own ? "Your amendment is kept beside what you gave before." : "Your scorecard is in. It stays as it is.");
    if (!sent) sessionStorage.setItem(DRAFTS + id, JSON.stringify(body));
    send.disabled = false;
  };
  const form = el(
    "form",
    { className: "stack acts", onsubmit, oninput: () => sessionStorage.setItem(DRAFTS + id, JSON.stringify(read())) },
    ...fields.map((field) => field.shown),
    overall.shown,
    note.shown,
    reason && reason.shown,
    el("p", { className: "row end" }, el("span", { className: "small soft" }, "Once submitted it is fixed; an amendment is kept beside it."), send),
  );
  const given = told.data.find((card) => card.id === own);
  restore(JSON.parse(sessionStorage.getItem(DRAFTS + id) ?? "null") ?? given, { fields, overall, note });
  if (own) return el("details", {}, el("summary", {}, "Amend my scorecard"), form);
  return el("details", { open: told.sealed || undefined }, el("summary", {}, "Fill in my scorecard"), form);
}

function criterion({ criterion_id: id, name, anchors }, number) {
  const key = `card-${number}`;
  const options = [1, 2, 3, 4, 5].map((step) => radio(key, String(step), String(step), anchors[step]));
  const unasked = radio(key, "", "Not asked");
  const note = area(`${key}-note`, `Note on ${name} (optional)`, { rows: 2 });
  const shown = el(
    "fieldset",
    { className: "rating stack tight" },
    el("legend", {}, name),
    el("div", { className: "levels" }, ...options, unasked),
    note.shown,
  );
  const chosen = () => shown.querySelector("input:checked")?.value ?? "";
  return {
    shown,
    read: () => ({ criterion_id: id, level: chosen() ? Number(chosen()) : null, ...(note.input.value.trim() && { note: note.input.value.trim() }) }),
    fill: (rating) => {
      const input = shown.querySelector(`input[value="${rating.level ?? ""}"]`);
      if (input) input.checked = true;
      note.input.value = rating.note ?? "";
    },
    id,
  };
}

function radio(name, value, text, meaning) {
  const id = `${name}-${value || "none"}`;
  const input = el("input", { type: "radio", id, name, value, required: true });
  return el("label", { for: id, className: "level" }, input, el("strong", {}, text), meaning && el("span", { className: "small soft" }, meaning));
}

function choice(id, options, label) {
  const input = el("select", { id, required: true }, el("option", { value: "" }, "Choose"), ...options.map(([value, text]) => el("option", { value }, text)));
  return { input, shown: el("div", { className: "field" }, el("label", { for: id }, label), input) };
}

function area(id, label, more = {}) {
  const input = el("textarea", { id, rows: 3, maxLength: 4000, ...more });
  return { input, shown: el("div", { className: "field" }, el("label", { for: id }, label), input) };
}

/** What was filled in before: not sent yet, or to be amended. */
function restore(kept, { fields, overall, note }) {
  if (!kept) return;
  for (const rating of kept.ratings) fields.find((field) => field.id === rating.criterion_id)?.fill(rating);
  overall.input.value = kept.overall;
  note.input.value = kept.note ?? "";
}

/** Have the AI's levels seen without a scorecard: for those who did not hold the interview. */
export function opening(act) {
  const reason = area("open-reason", "Why (10 characters or more; it is audited)", { required: true, minLength: 10 });
  const send = el("button", {}, "Open the AI's levels");
  const onsubmit = async (event) => {
    event.preventDefault();
    send.disabled = true;
    await act("open", { reason: reason.input.value.trim() }, "The AI's levels are open, and why is on the record.");
    send.disabled = false;
  };
  return el("details", { className: "acts" }, el("summary", {}, "Open them without a scorecard"), el("form", { className: "stack tight", onsubmit }, reason.shown, el("p", { className: "row end" }, send)));
}
