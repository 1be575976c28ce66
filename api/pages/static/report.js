// The report of one interview: read, play, judge, decide.

import { $, el } from "./dom.js";
import { Refused, Server } from "./server.js";
import { Player } from "./report-player.js";
import { ownReport, report } from "./report-view.js";

const SLOT = "vivavoce.token";
const TOAST_MS = 6000;
const ROOT = "../../../";

const id = decodeURIComponent(location.pathname.split("/").filter(Boolean).at(-2) ?? "");
const path = `v1/interviews/${encodeURIComponent(id)}`;
const link = location.hash.slice(1); // an interviewer's join link holds the same
const token = link || sessionStorage.getItem(SLOT);
const server = new Server(token, ROOT);
const player = new Player(async (attempt) => server.blob(`${path}/recording${attempt ? `?attempt=${attempt}` : ""}`), fail);
let toastTimer = 0;

$("nav-one").href = `${ROOT}app#/interview/${encodeURIComponent(id)}`;
$("nav").hidden = Boolean(link); // they can't go there
addEventListener("hashchange", () => location.reload()); // another link to the same page
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => (one.open = true)));
if (token) await attempt(read);
else $("main").replaceChildren(signedOut());

async function read() {
  if (link) {
    const cards = await server.get(`${path}/scorecards`);
    $("main").replaceChildren(ownReport(cards, await coached(), act));
    document.title = `${cards.candidate}: your scorecard`;
    return;
  }
  const told = await server.get(`${path}/report`);
  player.about(told);
  $("main").replaceChildren(report(told, { play: player.play, act, coached: told.scorecards && (await coached()) }));
  document.title = `${told.candidate}: interview report`;
}

/** How the interview was held, for those who may know; null for everybody else, and before it was. */
async function coached() {
  try {
    return await server.get(`${path}/coaching`);
  } catch (error) {
    if (error instanceof Refused && [403, 409].includes(error.status)) return null;
    throw error;
  }
}

/** What the buttons and forms of the page do; each shows the report anew. done: what to say then. */
const acts = {
  evaluate: async () => {
    await server.post(`${path}/evaluate`);
    await server.post(`${path}/generate-score`);
  },
  override: ({ evaluation, ...body }) => server.post(`${path}/evaluations/${evaluation}/overrides`, body),
  review: (body) => server.post(`${path}/review`, body),
  scorecard: (body) => server.post(`${path}/scorecards`, body),
  open: (body) => server.post(`${path}/evaluations/open`, body),
  decide: (body) => server.put(`${path}/decision`, body),
  save: () => save(),
  print: () => print(),
};

async function act(name, body, done) {
  return attempt(async () => {
    try {
      await acts[name](body);
    } finally {
      if (done) await read(); // half of it may have been done
    }
    if (done) toast(done);
  });
}

/** Returns whether it worked out; what did not is said. */
async function attempt(work) {
  try {
    await work();
    return true;
  } catch (error) {
    fail(error);
    return false;
  }
}

async function save() {
  const url = URL.createObjectURL(await server.blob(`${path}/report.pdf`));
  el("a", { href: url, download: `report-${id}.pdf` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

function fail(error) {
  const known = error instanceof Refused || error instanceof TypeError;
  if (!known) throw error;
  const said = error instanceof Refused ? error.sentences.join(" ") : "The server can't be reached. Check that it runs, and try again.";
  if (!$("main").firstChild) $("main").replaceChildren(notice(said));
  else toast(said);
}

function toast(text) {
  clearTimeout(toastTimer);
  $("toast").textContent = text;
  $("toast").hidden = false;
  toastTimer = setTimeout(() => ($("toast").hidden = true), TOAST_MS);
}

const notice = (text) =>
  el("section", { className: "card stack narrow" }, el("h1", {}, "There is nothing to show"), el("p", { role: "alert" }, text));

function signedOut() {
  return el(
    "section",
    { className: "card stack narrow" },
    el("h1", {}, "Sign in first"),
    el("p", { className: "soft" }, "A report opens in the window that you signed in with."),
    el("p", { className: "row end" }, el("a", { className: "button strong", href: `${ROOT}app#/` }, "Sign in")),
  );
}
