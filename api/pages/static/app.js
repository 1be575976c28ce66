// The interviews page: sign in, list, create, follow. Where one is, is in the fragment.

import { compose } from "./compose.js";
import { $, el } from "./dom.js";
import { follow } from "./follow.js";
import { list } from "./list.js";
import { Refused, Server } from "./server.js";

const SLOT = "vivavoce.token";
const TOAST_MS = 4000;

let leaving = new AbortController();
let toastTimer = 0;

takeToken();
addEventListener("hashchange", () => takeToken() || open());
$("sign-out").onclick = () => signOut();
await open();

/** A link that signs in carries the token in the fragment; it leaves the address bar at once. */
function takeToken() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (!token) return false;
  sessionStorage.setItem(SLOT, token);
  history.replaceState(null, "", `${location.pathname}#/`);
  open();
  return true;
}

async function open() {
  leaving.abort();
  leaving = new AbortController();
  const token = sessionStorage.getItem(SLOT);
  $("sign-out").hidden = $("nav-list").hidden = !token;
  if (!token) return show(signIn());
  const page = { server: new Server(token), signal: leaving.signal, show, toast, fail };
  const [, where, id] = location.hash.slice(1).split("/");
  try {
    if (where === "new") await compose(page);
    else if (where === "interview" && id) await follow(page, decodeURIComponent(id));
    else await list(page);
  } catch (error) {
    if (!page.signal.aborted) fail(error);
  }
}

function show(...content) {
  $("main").replaceChildren(...content);
  document.title = $("main").querySelector("h1")?.textContent ?? "Interviews";
  $("main").querySelector("h1")?.focus({ preventScroll: true });
}

function toast(text) {
  clearTimeout(toastTimer);
  $("toast").textContent = text;
  $("toast").hidden = false;
  toastTimer = setTimeout(() => ($("toast").hidden = true), TOAST_MS);
}

/** Say what went wrong, where the person is looking. */
function fail(error) {
  if (error instanceof Refused && error.status === 401) return signOut(error.message);
  if (error instanceof Refused) return toast(error.sentences.join(" "));
  if (error instanceof TypeError) return toast("The server can't be reached. Check that it runs, and try again.");
  throw error;
}

function signOut(why = "") {
  leaving.abort();
  sessionStorage.removeItem(SLOT);
  $("sign-out").hidden = $("nav-list").hidden = true;
  show(signIn(why));
}

function signIn(why = "") {
  const field = el("textarea", { id: "token", rows: 4, required: true, autocomplete: "off", spellcheck: false });
  const enter = (event) => {
    event.preventDefault();
    sessionStorage.setItem(SLOT, field.value.trim());
    open();
  };
  return el(
    "form",
    { className: "card stack narrow", onsubmit: enter },
    el("h1", { tabIndex: -1 }, "Sign in"),
    why && el("p", { className: "notice", dataset: { tone: "warn" }, role: "alert" }, why),
    el("p", { className: "soft" }, "Open the sign-in link that the server printed when it started, or paste a token."),
    el("div", { className: "field" }, el("label", { for: "token" }, "Token"), field),
    el("p", { className: "small soft" }, "A token is made on the server with ", el("code", {}, "vivavoce token"), "."),
    el("p", { className: "row end" }, el("button", { className: "primary" }, "Sign in")),
  );
}
