// Bots at work, and where: what `vivavoce fleet` shows, of the reader's own tenant. Looked at again every few seconds.

import { words as common } from "./app-words.js";
import { clock, el, refill } from "./dom.js";
import { words } from "./fleet-words.js";
import { Refused } from "./server.js";
import { MODES } from "./status.js";

const AGAIN_MS = 5000;

export async function fleet({ server, signal, show, fail }) {
  const room = el("p", { role: "status", className: "fleet-room" });
  const bots = el("div", { className: "fleet-scroll" });
  const nodes = el("div", { className: "fleet-scroll" });
  const wrong = el("div", { className: "notice", dataset: { tone: "bad" }, role: "alert", hidden: true });
  const title = el("h1", { tabIndex: -1 }, words.title);
  let told = "";

  const load = async () => {
    let seen = null;
    let trouble = null;
    try {
      seen = await server.get("v1/fleet");
    } catch (error) {
      if (signal.aborted || (error instanceof Refused && error.status === 401)) return signal.aborted || fail(error);
      if (!(error instanceof Refused) && !(error instanceof TypeError)) throw error;
      trouble = error instanceof Refused ? error.told : el("span", {}, common.unreachable);
    }
    if (signal.aborted) return;
    complain(trouble);
    if (seen) draw(seen);
  };
  /** Say what is wrong, once for as long as it is the same. */
  const complain = (what) => {
    const text = what?.textContent ?? "";
    if (text === told) return;
    told = text;
    refill(wrong, what ? [el("strong", {}, words.failed), what] : [], title);
    wrong.hidden = !text;
  };
  const draw = (seen) => {
    const said = `${words.bots(seen.bots.length)} ${words.room(seen.capacity)}`;
    if (room.textContent !== said) room.textContent = said; // else it would be read out again
    refill(bots, seen.bots.length ? [table(words.title, "only-heard", [words.bot, words.state, words.place, words.since], seen.bots.map(bot))] : [], title);
    const several = seen.nodes.length > 1;
    refill(nodes, several ? [table(words.nodes, "", [words.node, words.address, words.count], seen.nodes.map((one) => node(one, seen.here)))] : [], title);
  };

  show(el("section", { className: "wide stack" }, title, el("p", { className: "soft" }, words.lead), room, wrong, bots, nodes));
  await load();
  const again = () => document.hidden || load();
  const timer = setInterval(again, AGAIN_MS);
  signal.addEventListener("abort", () => clearInterval(timer));
  for (const changed of ["online", "offline"]) addEventListener(changed, again, { signal });
  document.addEventListener("visibilitychange", again, { signal });
}

/** A table whose rows begin with what they are about. name: a class for its caption, which a heading may say already. */
function table(caption, name, headings, rows) {
  const head = headings.map((heading) => el("th", { scope: "col" }, heading));
  return el("table", { className: "fleet" }, el("caption", { className: name }, caption), el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows));
}

function bot({ interview_id: id, attempt_id: attempt, epoch, mode, state, node: place, pid, started_at: since }) {
  const [text, tone] = words.states[state] ?? [state, ""];
  const named = MODES.find(({ value }) => value === mode)?.text ?? mode;
  const where = [place ?? words.nowhere, pid && words.process(pid)].filter(Boolean);
  return el(
    "tr",
    {},
    el(
      "th",
      { scope: "row" },
      el("a", { href: `#/interview/${encodeURIComponent(id)}` }, id),
      el("span", { className: "small soft" }, `${named} · ${attempt} · ${words.incarnation(epoch)}`),
    ),
    el("td", {}, el("span", { className: "pill", dataset: { tone, state } }, text)),
    el("td", {}, where[0], where[1] && el("span", { className: "small soft" }, where[1])),
    el("td", {}, el("time", { dateTime: since }, clock(Date.now() - new Date(since)))),
  );
}

function node({ node: place, url, bots }, here) {
  const named = place === here && el("span", { className: "small soft" }, words.here);
  return el("tr", {}, el("th", { scope: "row" }, place, named), el("td", {}, url ?? "–"), el("td", {}, String(bots)));
}
