// Signing in with a token, which is tried before it is kept.

import { words } from "./app-words.js";
import { el } from "./dom.js";
import { Field } from "./fields.js";
import { Refused, Server } from "./server.js";

/** enter: is given a token that works; why: what to say at once. */
export function signIn(enter, why = "") {
  const said = words.signIn;
  const control = el("textarea", { rows: 4, autocomplete: "off", spellcheck: false });
  const token = new Field("token", said.token, control);
  const send = el("button", { className: "primary" }, said.go);
  const onsubmit = async (event) => {
    event.preventDefault();
    const wanted = control.value.trim();
    if (!wanted) return token.wrong(said.missing);
    send.disabled = true;
    const refused = await tried(wanted);
    send.disabled = false;
    if (refused) token.wrong(refused);
    else enter(wanted);
  };
  if (why) token.wrong(why, false);
  return el(
    "form",
    { className: "card stack narrow", onsubmit, noValidate: true },
    el("h1", { tabIndex: -1 }, said.title),
    el("p", { className: "soft" }, said.lead),
    token.element,
    el("p", { className: "small soft" }, said.how[0], el("code", {}, said.how[1]), said.how[2]),
    el("p", { className: "row end" }, send),
  );
}

/** What is wrong with a token; nothing when it works. */
async function tried(token) {
  try {
    await new Server(token).get("v1/interviews?limit=1");
    return "";
  } catch (error) {
    if (error instanceof Refused) return words.signIn.why[error.status === 403 ? "forbidden" : error.problem.code] ?? error.message;
    if (error instanceof TypeError) return words.unreachable; // also what a header can't hold
    throw error;
  }
}
