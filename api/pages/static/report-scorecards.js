// What those who held an interview rate: their form, and afterwards the AI's levels beside it.

import { el } from "./dom.js";
import { area, choice } from "./fields.js";
import { sending } from "./report-kept.js";
import { words } from "./report-words.js";
import { moment } from "./status.js";

const said = words.cards;
const TONES = { same: "good", near: "", apart: "bad", one_sided: "warn", none: "" };
const DRAFTS = "vivavoce.scorecard.";

/** told: what GET …/scorecards says; act(name, body, done): sends what is filled in, and shows the page anew. */
export function scorecards(told, act) {
  const { sealed, data, side_by_side: both, opening } = told;
  return el(
    "section",
    { className: "card stack", id: "scorecards" },
    el("h2", {}, said.title),
    sealed && waiting(),
    opening && el("p", { className: "notice" }, el("strong", {}, said.opened(opening.by)), opening.reason, el("span", { className: "small soft" }, moment(opening.at))),
    both ? beside(both, told) : !sealed && el("p", { className: "soft" }, said.notRated),
    data.length > 0 && submitted(told),
    told.may_rate && fill(told, act),
  );
}

const waiting = () => el("p", { className: "notice" }, el("strong", {}, said.waiting[0]), said.waiting[1]);

// ---- side by side ---------------------------------------------------------------------------------------------------

function beside({ criteria, overall, recommendation }, { data, language }) {
  const newest = [...new Map([...data].reverse().map((card) => [card.by, card])).values()];
  const head = [said.criterion, said.ai, ...newest.map(({ name }) => name), ""].map((name) => el("th", { scope: "col" }, name || el("span", { className: "only-heard" }, said.agreement)));
  const rows = criteria.map((one) => {
    const sides = newest.map(({ by }) => one.people.find((side) => side.by === by));
    const worst = ["apart", "one_sided", "near", "same"].find((name) => sides.some((side) => side?.agreement === name)) ?? "none";
    return el(
      "tr",
      { dataset: { agreement: worst } },
      el("th", { scope: "row", lang: language }, one.name),
      el("td", {}, level(one.level)),
      ...sides.map((side) => el("td", {}, level(side?.level), side?.amended != null && el("span", { className: "small soft" }, said.later(side.amended)))),
      el("td", {}, newest.length > 0 && el("span", { className: "pill", dataset: { tone: TONES[worst] } }, said.agrees[worst])),
    );
  });
  const all = el(
    "tr",
    {},
    el("th", { scope: "row" }, said.overall),
    el("td", {}, [said.overalls[recommendation] ?? said.noRecommendation, overall === null ? "" : said.figure(overall)].filter(Boolean).join(", ")),
    ...newest.map((card) => el("td", {}, said.overalls[card.overall])),
    el("td", {}),
  );
  return el(
    "div",
    { className: "scrolls", tabIndex: 0, role: "region", "aria-label": said.beside },
    el("table", { className: "beside" }, el("caption", { className: "small soft" }, said.caption), el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows, all)),
  );
}

const level = (given) => (given === null || given === undefined ? words.nothingThere : String(given));

function submitted({ data, criteria, language }) {
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
            said.summary(card.name, said.overalls[card.overall]),
            el("span", { className: "small soft" }, said.version(card.version, card.blind), moment(card.at)),
          ),
          card.reason && el("p", {}, el("strong", {}, said.amended), card.reason),
          card.note && el("p", {}, card.note),
          el("ul", { className: "plain" }, ...card.ratings.map((one) => el("li", {}, el("strong", { lang: language }, named(one.criterion_id)), said.rating(one.level, one.note)))),
        ),
      ),
    ),
  );
}

// ---- the form -------------------------------------------------------------------------------------------------------

function fill(told, act) {
  const { criteria, own, interview_id: id } = told;
  const fields = criteria.map((one, number) => criterion(one, number, told.language));
  const overall = choice("card-overall", said.overall, [["", said.choose], ...Object.entries(said.overalls)], { required: true });
  const note = area("card-note", said.note);
  const reason = own && area("card-reason", said.why, { required: true, minLength: 10 });
  const send = el("button", { className: "primary" }, own ? said.submitAmendment : said.submit);
  const read = () => ({
    overall: overall.value,
    ratings: fields.map((field) => field.read()),
    ...(note.value && { note: note.value }),
    ...(reason && { reason: reason.value }),
  });
  const onsubmit = (event) => {
    event.preventDefault();
    return sending(event.target, send, () => act("scorecard", read(), own ? said.doneAmended : said.done));
  };
  const form = el(
    "form",
    { className: "stack acts", onsubmit, oninput: () => sessionStorage.setItem(DRAFTS + id, JSON.stringify(read())) },
    ...fields.map((field) => field.shown),
    overall.element,
    note.element,
    reason && reason.element,
    el("p", { className: "row end" }, el("span", { className: "small soft" }, said.fixed), send),
  );
  const given = told.data.find((card) => card.id === own);
  restore(JSON.parse(sessionStorage.getItem(DRAFTS + id) ?? "null") ?? given, { fields, overall, note });
  if (own) return el("details", {}, el("summary", {}, said.amend), form);
  return el("details", { open: told.sealed || undefined }, el("summary", {}, said.fill), form);
}

/** The draft of a scorecard has been sent. */
export const forget = (id) => sessionStorage.removeItem(DRAFTS + id);

function criterion({ criterion_id: id, name, anchors }, number, language) {
  const key = `card-${number}`;
  const options = [1, 2, 3, 4, 5].map((step) => radio(key, String(step), String(step), anchors[step] && el("span", { lang: language, className: "small soft" }, anchors[step])));
  const unasked = radio(key, "", said.notAsked);
  const note = area(`${key}-note`, said.noteOn(name), { rows: 2 });
  const shown = el(
    "fieldset",
    { className: "rating stack tight" },
    el("legend", { lang: language }, name),
    el("div", { className: "levels" }, ...options, unasked),
    note.element,
  );
  const chosen = () => shown.querySelector("input:checked")?.value ?? "";
  return {
    shown,
    read: () => ({ criterion_id: id, level: chosen() ? Number(chosen()) : null, ...(note.value && { note: note.value }) }),
    fill: (rating) => {
      const input = shown.querySelector(`input[value="${rating.level ?? ""}"]`);
      if (input) input.checked = true;
      note.control.value = rating.note ?? "";
    },
    id,
  };
}

function radio(name, value, text, meaning) {
  const id = `${name}-${value || "none"}`;
  const input = el("input", { type: "radio", id, name, value, required: true });
  return el("label", { for: id, className: "level" }, input, el("strong", {}, text), meaning);
}

/** What was filled in before: not sent yet, or to be amended. */
function restore(kept, { fields, overall, note }) {
  if (!kept) return;
  for (const rating of kept.ratings) fields.find((field) => field.id === rating.criterion_id)?.fill(rating);
  overall.control.value = kept.overall;
  note.control.value = kept.note ?? "";
}

/** Have the AI's levels seen without a scorecard: for those who did not hold the interview. */
export function opening(act) {
  const reason = area("open-reason", said.openWhy, { required: true, minLength: 10 });
  const send = el("button", {}, said.openGo);
  const onsubmit = (event) => {
    event.preventDefault();
    return sending(event.target, send, () => act("open", { reason: reason.value }, said.openDone));
  };
  return el("details", { className: "acts" }, el("summary", {}, said.open), el("form", { className: "stack tight", onsubmit }, reason.element, el("p", { className: "row end" }, send)));
}
