// The report of one interview: read, play, judge, decide.

import { $, el } from "./dom.js";
import { Refused, Server } from "./server.js";
import { focus, keep } from "./report-kept.js";
import { takeLink } from "./report-link.js";
import { Player } from "./report-player.js";
import { forget } from "./report-scorecards.js";
import { ownReport, report } from "./report-view.js";
import { words } from "./report-words.js";
import { toast } from "./toast.js";

const SLOT = "vivavoce.token";
const TOAST_MS = 6000;
const ROOT = "../../../";

const id = decodeURIComponent(location.pathname.split("/").filter(Boolean).at(-2) ?? "");
const path = `v1/interviews/${encodeURIComponent(id)}`;
const signedIn = sessionStorage.getItem(SLOT);
const link = takeLink(`vivavoce.report.${id}`, signedIn);
const token = link || signedIn;
const server = new Server(token, ROOT);
const player = new Player(async (attempt) => server.blob(`${path}/recording${attempt ? `?attempt=${attempt}` : ""}`), fail);

document.documentElement.lang = words.language;
for (const [id, text] of Object.entries(words.page)) $(id).textContent = text;
for (const [id, text] of Object.entries(words.names)) $(id).ariaLabel = text;
$("nav-one").href = `${ROOT}app#/interview/${encodeURIComponent(id)}`;
$("nav").hidden = Boolean(link); // they can't go there
addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => (one.open = true)));
if (token) {
  $("main").replaceChildren(el("p", { className: "narrow soft", role: "status" }, words.loading));
  await attempt(read);
} else stop(words.signIn.title, words.signIn.lead, true);

async function read() {
  if (link) {
    const cards = await server.get(`${path}/scorecards`);
    show(ownReport(cards, { coached: await allowed("coaching"), helped: await allowed("copilot/summary"), act }), words.titles.own(cards.candidate));
    return;
  }
  const told = await server.get(`${path}/report`);
  const coached = told.scorecards && (await allowed("coaching"));
  const helped = told.scorecards && (await allowed("copilot/summary"));
  player.about(told);
  show(report(told, { play: player.play, act, coached, helped }), words.titles.whole(told.candidate));
}

/** Show the page, anew after the first time: what the reader has typed, opened and focused stays. */
function show(article, title) {
  const back = shown() ? keep($("main")) : () => focus($("main").querySelector("h1"));
  $("main").replaceChildren(article);
  document.title = title;
  back();
}

function shown() {
  return $("main").querySelector("article");
}

/** What is for who held the interview; null for everybody else, and before it was held. */
async function allowed(part) {
  try {
    return await server.get(`${path}/${part}`);
  } catch (error) {
    if (error instanceof Refused && [403, 409].includes(error.status)) return null;
    throw error;
  }
}

/** What the buttons and forms of the page do. */
const acts = {
  evaluate: async () => {
    await server.post(`${path}/evaluate`);
    try {
      await server.post(`${path}/generate-score`);
    } catch (error) {
      await attempt(read); // the facts are there
      throw error;
    }
  },
  override: ({ evaluation, ...body }) => server.post(`${path}/evaluations/${evaluation}/overrides`, body),
  review: (body) => server.post(`${path}/review`, body),
  scorecard: async (body) => {
    await server.post(`${path}/scorecards`, body);
    forget(id);
  },
  open: (body) => server.post(`${path}/evaluations/open`, body),
  decide: (body) => server.put(`${path}/decision`, body),
  save: () => save(),
  print: () => print(),
};

/** Do one of them. done: what to say then, and the report is shown anew; when it is refused, it stays as it is. */
async function act(name, body, done) {
  await attempt(async () => {
    await acts[name](body);
    if (!done) return;
    toast(done, TOAST_MS);
    await read();
  });
}

async function attempt(work) {
  try {
    await work();
  } catch (error) {
    fail(error);
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
  const unknown = error instanceof Refused && error.status === 401; // they have expired, or were taken back
  const said = error instanceof Refused ? error.told : words.unreachable;
  if (!shown()) stop(unknown ? words.signIn.title : words.nothing, said, unknown);
  else if (unknown) toast(said, 0, toSignIn("")); // it stays, with the way there
  else toast(said, TOAST_MS);
}

/** In place of a report: why there is none. */
function stop(title, text, mustSignIn) {
  const heading = el("h1", {}, title);
  $("main").replaceChildren(
    el(
      "section",
      { className: "card stack narrow" },
      heading,
      el("p", { className: "soft", role: "alert" }, text),
      mustSignIn && el("p", { className: "row end" }, toSignIn("button strong")),
    ),
  );
  focus(heading);
}

function toSignIn(className) {
  return el("a", { className, href: `${ROOT}app#/` }, words.signIn.go);
}
