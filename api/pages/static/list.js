// Every interview, newest first. What is looked for is in the fragment, so that a reload and the way back keep it.

import { words } from "./app-words.js";
import { el, icon, later, refill } from "./dom.js";
import { choice, text } from "./fields.js";
import { allCards } from "./report-cards.js";
import { Refused } from "./server.js";
import { MODES, STATUSES, isOver, moment, pill, reasonOf, reportLink } from "./status.js";

const LIMIT = 20;
const AGAIN_MS = 5000;
const TYPED_MS = 300;
const FILTERS = ["q", "status", "mode", "from", "to"];
const DAY = /^(\d{4})-(\d\d)-(\d\d)$/;
const said = words.list;

export async function list({ server, signal, query, show, fail }) {
  const rows = el("ul", { className: "interviews", "aria-label": said.title });
  const count = el("p", { className: "small soft", role: "status" });
  const range = el("span", { className: "small soft" });
  const older = el("button", { onclick: () => turn(1) }, said.older);
  const newer = el("button", { onclick: () => turn(-1) }, said.newer);
  const wrong = el("div", { className: "notice", dataset: { tone: "bad" }, role: "alert", hidden: true });
  const title = el("h1", { tabIndex: -1 }, said.title);
  const helped = el("div", {});
  let shown = "";
  let told = "";
  let asks = 0;
  let answered = 0;

  const page = () => Math.max(1, Number(query.get("page")) || 1);
  const turn = async (by) => {
    query.set("page", String(page() + by));
    keep(query);
    await load();
    rows.scrollIntoView({ block: "nearest" });
  };
  const load = async () => {
    const number = (asks += 1);
    const wanted = String(asked(query));
    const late = () => signal.aborted || number < answered || wanted !== String(asked(query));
    try {
      const answer = await server.get(`v1/interviews?${wanted}`);
      if (late()) return;
      answered = number;
      draw(answer);
      complain(null);
    } catch (error) {
      if (late()) return;
      if (error instanceof Refused && error.status === 401) return fail(error);
      if (!(error instanceof Refused) && !(error instanceof TypeError)) throw error;
      complain(error instanceof Refused ? error.told : el("span", {}, words.unreachable));
    }
  };
  /** Say what is wrong, once for as long as it is the same. */
  const complain = (what) => {
    const text = what?.textContent ?? "";
    if (text === told) return;
    told = text;
    const focused = wrong.contains(document.activeElement);
    if (text) refill(wrong, [el("strong", {}, said.failed), what, el("p", {}, el("button", { onclick: load }, words.again))]);
    wrong.hidden = !text;
    if (focused && !text) title.focus();
  };
  const draw = ({ data, meta }) => {
    if (signal.aborted || shown === JSON.stringify([data, meta])) return;
    shown = JSON.stringify([data, meta]);
    refill(rows, data.length ? data.map(row) : [nothing(FILTERS.some((name) => query.get(name)))], title);
    count.textContent = said.count(meta.total);
    range.textContent = meta.pages > 1 ? said.range((meta.page - 1) * LIMIT + 1, (meta.page - 1) * LIMIT + data.length, meta.total) : "";
    const turned = [newer, older].includes(document.activeElement);
    newer.hidden = meta.page <= 1;
    older.hidden = meta.page >= meta.pages;
    if (turned && document.activeElement.hidden) ([newer, older].find((way) => !way.hidden) ?? title).focus();
  };

  show(
    el(
      "section",
      { className: "wide stack" },
      el(
        "div",
        { className: "row between" },
        title,
        el("a", { className: "button strong", href: "#/new" }, icon("plus"), said.create),
      ),
      filters(query, load),
      el("div", { className: "row between" }, count),
      wrong,
      rows,
      el("p", { className: "row end" }, range, newer, older),
      helped,
    ),
  );
  await load();
  server.get("v1/copilot/summary").then((told) => helped.append(allCards(told) ?? ""), () => {}); // not everybody's to see
  const again = () => document.hidden || load();
  const timer = setInterval(again, AGAIN_MS);
  signal.addEventListener("abort", () => clearInterval(timer));
  for (const changed of ["online", "offline"]) addEventListener(changed, again, { signal });
  document.addEventListener("visibilitychange", again, { signal });
}

/** What the API is asked for. Dates are days of the reader's own. */
function asked(query) {
  const wanted = new URLSearchParams({ page: query.get("page") || "1", limit: String(LIMIT) });
  for (const name of ["q", "status", "mode"]) if (query.get(name)) wanted.set(name, query.get(name));
  // What the address has that is no day leaves the field empty, and so asks for nothing.
  for (const [name, asks, later] of [["from", "created_after", 0], ["to", "created_before", 1]]) {
    const [year, month, date] = DAY.exec(query.get(name) ?? "")?.slice(1).map(Number) ?? [];
    if (year) wanted.set(asks, new Date(year, month - 1, date + later).toISOString());
  }
  return wanted;
}

/** Note in the address what is looked for. */
function keep(query, typed = false) {
  const kept = new URLSearchParams([...query].filter(([name, value]) => value && (name !== "page" || value !== "1")));
  const hash = kept.size ? `#/?${kept}` : "#/";
  if (typed) history.replaceState(null, "", hash);
  else if (hash !== location.hash) history.pushState(null, "", hash);
}

function filters(query, load) {
  const set = (name, value, typed) => {
    query.set(name, value);
    query.delete("page");
    clear.classList.toggle("absent", !FILTERS.some((each) => query.get(each)));
    keep(query, typed);
  };
  const looking = later(load, TYPED_MS);
  const changed = (name) => ({ target }) => (set(name, target.value), load());
  const options = (all) => [["", said.all], ...all.map(({ value, text: name }) => [value, name])];
  const value = (name) => query.get(name) ?? "";
  const search = text("filter-q", said.search, { type: "search", placeholder: said.searchFor, value: value("q"), oninput: ({ target }) => (set("q", target.value, true), looking()) });
  const fields = [
    search,
    choice("filter-status", said.status, options(STATUSES), { value: value("status"), onchange: changed("status") }),
    choice("filter-mode", said.mode, options(MODES), { value: value("mode"), onchange: changed("mode") }),
    text("filter-from", said.from, { type: "date", value: value("from"), onchange: changed("from") }),
    text("filter-to", said.to, { type: "date", value: value("to"), onchange: changed("to") }),
  ];
  const clear = el("a", { className: "button quiet", href: "#/" }, said.clear);
  clear.classList.toggle("absent", !FILTERS.some((each) => query.get(each)));
  return el("form", { className: "filters", role: "search", onsubmit: (event) => event.preventDefault() }, ...fields.map(({ element }) => element), clear);
}

function row(interview) {
  const why = reasonOf(interview);
  const { start, status } = interview;
  const planned = status === "scheduled" && start.scheduled_at;
  return el(
    "li",
    {},
    el(
      "a",
      { className: "one", href: `#/interview/${encodeURIComponent(interview.id)}` },
      el("span", { className: "who" }, el("strong", {}, interview.candidate.name), el("span", { className: "soft" }, [interview.title, interview.organisation].filter(Boolean).join(" · "))),
      el("span", { className: "small soft" }, words.modes[interview.mode]?.[0] ?? interview.mode),
      el("span", { className: "small soft when" }, planned ? `${said.planned} ` : "", moment(planned || interview.started_at || interview.created_at)),
      el("span", { className: "row state" }, pill(status), why && el("span", { className: "small soft" }, why)),
    ),
    isOver(status) && reportLink(interview, said.report, "button quiet", said.reportOn(interview.candidate.name)),
  );
}

function nothing(filtered) {
  return el(
    "li",
    { className: "empty" },
    el("p", {}, filtered ? said.noneFound : said.none),
    filtered ? el("a", { href: "#/" }, said.clear) : el("a", { href: "#/new" }, said.first),
  );
}
