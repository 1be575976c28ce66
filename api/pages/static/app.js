// The interviews pages: sign in, list, create, follow. Where one is, and what a list is filtered by, is in the fragment.

import { words } from "./app-words.js";
import { compose } from "./compose.js";
import { $, ask, el } from "./dom.js";
import { words as fleetWords } from "./fleet-words.js";
import { fleet } from "./fleet.js";
import { follow } from "./follow.js";
import { list } from "./list.js";
import { Refused, Server } from "./server.js";
import { signIn } from "./sign-in.js";
import { toast } from "./toast.js";

const SLOT = "vivavoce.token";
const DRAFT_SLOT = "vivavoce.draft"; // what was being written when the token expired, and where
const TOAST_MS = 5000;

let leaving = new AbortController();
let unsaved = () => false;
let drafted = () => null;
let here = location.hash;

document.documentElement.lang = words.language;
$("nav").ariaLabel = words.nav.label;
$("nav-list").textContent = words.list.title;
$("nav-fleet").textContent = fleetWords.title;
$("sign-out").textContent = words.nav.signOut;
takeToken();
addEventListener("hashchange", go);
addEventListener("beforeunload", (event) => unsaved() && event.preventDefault());
$("sign-out").onclick = () => {
  sessionStorage.removeItem(DRAFT_SLOT);
  signOut();
};
await open();

/** A link that signs in carries the token in the fragment; it leaves the address bar at once. */
function takeToken() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (!token) return false;
  sessionStorage.setItem(SLOT, token);
  history.replaceState(null, "", `${location.pathname}#/`);
  return true;
}

async function go() {
  if (!takeToken() && unsaved() && location.hash !== here) {
    const there = location.hash;
    history.replaceState(null, "", here);
    if (!(await ask(words.unsaved))) return;
    unsaved = () => false;
    history.replaceState(null, "", there);
  }
  await open();
}

async function open() {
  leaving.abort();
  leaving = new AbortController();
  unsaved = () => false;
  here = location.hash;
  const token = sessionStorage.getItem(SLOT);
  $("sign-out").hidden = $("nav-list").hidden = $("nav-fleet").hidden = !token;
  if (!token) return show(signIn(enter));
  const [path, query] = location.hash.slice(1).split("?");
  const guard = (dirty, draft) => ([unsaved, drafted] = [dirty, draft]);
  const page = { server: new Server(token), signal: leaving.signal, query: new URLSearchParams(query), show, toast: tell, fail, guard, takeDraft };
  const [, where, id, what] = path.split("/").map(decodeURIComponent);
  try {
    if (where === "new") await compose(page);
    else if (where === "interview" && id && what === "edit") await compose(page, id);
    else if (where === "interview" && id) await follow(page, id);
    else if (where === "fleet") await fleet(page);
    else await list(page);
  } catch (error) {
    if (!page.signal.aborted) fail(error);
  }
}

function show(...content) {
  $("main").replaceChildren(...content);
  const title = $("main").querySelector("h1");
  document.title = title?.textContent ?? words.list.title;
  if (!$("main").contains(document.activeElement)) title?.focus({ preventScroll: true });
}

/** Say something in passing. undo: what takes it back, if anything does. Return what withdraws the offer. */
function tell(text, undo) {
  if (!undo) return toast(text, TOAST_MS);
  const withdraw = toast(text, 2 * TOAST_MS, el("button", { className: "quiet", onclick: () => (withdraw(), undo()) }, words.undo));
  return withdraw;
}

/** Say what went wrong, where the person is looking. */
function fail(error) {
  if (error instanceof Refused && error.status === 401) keepDraft();
  if (error instanceof Refused && error.status === 401) return signOut(words.signIn.why[error.problem.code] ?? error.message);
  if (error instanceof Refused) return tell(error.told);
  if (error instanceof TypeError) return tell(words.unreachable);
  throw error;
}

/** The token expired under somebody's hands: what they wrote waits for them in this tab. */
function keepDraft() {
  if (unsaved()) sessionStorage.setItem(DRAFT_SLOT, JSON.stringify({ here, draft: drafted() }));
}

/** What was being written on this page when the token expired, once; null if nothing was. */
function takeDraft() {
  const kept = JSON.parse(sessionStorage.getItem(DRAFT_SLOT));
  if (kept?.here !== here) return null;
  sessionStorage.removeItem(DRAFT_SLOT);
  return kept.draft;
}

function enter(token) {
  sessionStorage.setItem(SLOT, token);
  open();
}

function signOut(why = "") {
  leaving.abort();
  unsaved = () => false;
  sessionStorage.removeItem(SLOT);
  $("sign-out").hidden = $("nav-list").hidden = $("nav-fleet").hidden = true;
  show(signIn(enter, why));
}
