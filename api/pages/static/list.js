// Every interview, newest first.

import { el, icon } from "./dom.js";
import { STATUSES, isOver, moment, pill, reasonOf, reportLink } from "./status.js";

const LIMIT = 20;
const AGAIN_MS = 5000;

export async function list({ server, signal, show, fail }) {
  const state = { page: 1, status: "" };
  const rows = el("ul", { className: "interviews", "aria-label": "Interviews" });
  const count = el("p", { className: "small soft", role: "status" });
  const older = el("button", { onclick: () => turn(1) }, "Older");
  const newer = el("button", { onclick: () => turn(-1) }, "Newer");

  const turn = (by) => {
    state.page += by;
    load();
  };
  const load = async () => {
    const query = new URLSearchParams({ page: state.page, limit: LIMIT, ...(state.status && { status: state.status }) });
    const { data, meta } = await server.get(`v1/interviews?${query}`);
    if (signal.aborted) return;
    rows.replaceChildren(...(data.length ? data.map(row) : [nothing(state.status)]));
    count.textContent = meta.total === 1 ? "1 interview" : `${meta.total} interviews`;
    newer.hidden = state.page <= 1;
    older.hidden = state.page >= meta.pages;
  };

  show(
    el(
      "section",
      { className: "wide stack" },
      el(
        "div",
        { className: "row between" },
        el("h1", { tabIndex: -1 }, "Interviews"),
        el("a", { className: "button strong", href: "#/new" }, icon("plus"), "New interview"),
      ),
      el("div", { className: "row between" }, filter(state, load), count),
      rows,
      el("p", { className: "row end" }, newer, older),
    ),
  );
  await load();
  const timer = setInterval(() => document.hidden || load().catch(fail), AGAIN_MS);
  signal.addEventListener("abort", () => clearInterval(timer));
}

function filter(state, load) {
  const choice = el(
    "select",
    {
      id: "status-filter",
      onchange: ({ target }) => {
        Object.assign(state, { status: target.value, page: 1 });
        load();
      },
    },
    el("option", { value: "" }, "All"),
    ...STATUSES.map(({ value, text }) => el("option", { value }, text)),
  );
  return el("div", { className: "row" }, el("label", { className: "label", for: "status-filter" }, "Show"), choice);
}

function row(interview) {
  const why = reasonOf(interview);
  return el(
    "li",
    {},
    el(
      "a",
      { className: "one", href: `#/interview/${encodeURIComponent(interview.id)}` },
      el("span", { className: "who" }, el("strong", {}, interview.candidate.name), el("span", { className: "soft" }, interview.title)),
      el("span", { className: "small soft when" }, moment(interview.created_at)),
      el("span", { className: "row state" }, why && el("span", { className: "small soft" }, why), pill(interview.status)),
    ),
    isOver(interview.status) && reportLink(interview, "Report"),
  );
}

function nothing(status) {
  return el(
    "li",
    { className: "empty" },
    el("p", {}, status ? "No interview has this status." : "There are no interviews yet."),
    !status && el("a", { href: "#/new" }, "Create the first one"),
  );
}
