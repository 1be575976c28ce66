// The room page: link → device check → what will happen, and consent → call → end.

import { Call } from "./call.js";
import { Check } from "./check.js";
import { $, el, icon } from "./dom.js";
import { Embed } from "./embed.js";
import { tabStorage, takeLink } from "./link.js";
import { refuse } from "./refusing.js";
import { Ears, Microphone } from "./sound.js";
import { introduce, label, words } from "./words.js";

/** Endings that came to what somebody wanted. */
const WELL = new Set(["completed", "consent_declined", "stopped_by_candidate", "human_requested", "max_duration"]);

const storage = tabStorage(window);
const link = takeLink(location, history, storage);
const joinedSlot = `vivavoce.joined.${link.interviewId}`;
const microphone = new Microphone();
const ears = new Ears();
const embed = new Embed(location.search, window);

label(document);
document.documentElement.lang = words.language;
addEventListener("hashchange", () => location.reload()); // another link was opened in this tab
await open();

async function open() {
  show("loading");
  if (embed.astray) return trouble("frame");
  if (!link.token) return trouble("no_link");
  if (!("RTCPeerConnection" in window)) return trouble("browser");
  let answer;
  try {
    answer = await fetch(`${location.pathname}/card`, {
      headers: { Authorization: `Bearer ${link.token}` },
      cache: "no-store",
    });
  } catch {
    return trouble("network", () => open());
  }
  if (!answer.ok) {
    const { code, role } = await answer.json().catch(() => ({}));
    Object.assign(link, role && { role }); // the interview is over, and this is who would have come in
    return trouble([code, answer.status, "network"].find((which) => which in words.trouble), () => open());
  }
  const card = await answer.json();
  Object.assign(link, card.you);
  introduce(card.bot);
  document.title = card.title;
  embed.tell("ready");
  if (!link.fresh && storage.getItem(joinedSlot)) return comeBack(card);
  return enter(card);
}

async function enter(card) {
  const listens = link.role === "observer";
  $("check-step").hidden = $("consent-step").hidden = listens;
  if (!listens) {
    show("check");
    await new Check(link, microphone, ears).run(card);
  }
  show("consent");
  const shown = Date.now();
  const agreed = await consent(card, () => enter(card));
  const notice = { version: notices(card).notice, shown, given: Date.now() };
  if (!agreed) return refused(card);
  storage.removeItem(`vivavoce.withdrawn.${link.interviewId}`);
  await call(card, notice);
}

/** The same tab again, after a reload in the call: one press, because sound needs one. */
async function comeBack(card) {
  const { title, lead, join } = words.consent.back(card.title);
  $("consent-title").textContent = title;
  $("consent-lead").textContent = lead;
  $("consent-step").hidden = $("consent-back").hidden = $("refuse").hidden = true;
  $("consent-tick").closest("label").hidden = true;
  $("join").textContent = join;
  $("join").disabled = false;
  show("consent");
  await new Promise((resolve) => ($("join").onclick = resolve));
  if (link.role !== "observer") {
    try {
      await microphone.open();
    } catch {
      return enter(card);
    }
  }
  return call(card, JSON.parse(storage.getItem(joinedSlot)));
}

/** What this person reads before they come in: by their role, and by who leads. */
function notices(card) {
  if (link.role === "interviewer" || link.role === "observer") return { notice: words.consent.notice, ...words.consent[link.role] };
  return card.mode === "solo" ? { notice: words.consent.notice, ...words.consent.candidate } : words.observed[card.mode];
}

/** Resolves to whether they agree. */
function consent(card, back) {
  const said = notices(card);
  const facts = [card.title, card.organisation, card.questions && words.consent.questions(card.questions)];
  const about = { listeners: words.consent.listeners(card.organisation, card.interviewers, card.observers) };
  $("consent-title").textContent = said.title(link.role === "candidate" ? card.candidate : link.name);
  $("consent-lead").textContent = facts.filter(Boolean).join(" · ");
  $("consent-points").replaceChildren(
    ...said.points(about).map(([sign, title, text]) =>
      el("li", {}, el("span", { className: "icon-spot" }, icon(sign)), el("div", {}, el("strong", {}, title), text)),
    ),
  );
  $("consent-words").textContent = said.words;
  $("consent-tick").closest("label").hidden = false;
  $("consent-no").textContent = said.no;
  $("join").textContent = said.join;
  $("join").disabled = !$("consent-tick").checked;
  $("consent-tick").onchange = ({ target }) => ($("join").disabled = !target.checked);
  $("consent-back").hidden = link.role === "observer";
  $("consent-back").onclick = back;
  $("refuse").hidden = link.role !== "candidate";
  return new Promise((resolve) => {
    $("join").onclick = () => resolve(true);
    $("refuse").onclick = () => resolve(false);
  });
}

/** notice: which one was agreed to, and when it was shown and agreed to, by this device's clock. */
async function call(card, notice) {
  storage.setItem(joinedSlot, JSON.stringify(notice));
  void ears.context; // from the press of the button, so that sound may play
  const running = new Call({ link, microphone, ears, notice, storage });
  window.vivavoce = { mesh: running.mesh, microphone }; // for those who look closer: connection statistics
  show("call");
  running.start(card);
  const panel = link.role === "interviewer" ? openPanel(card.bot) : null; // in every mode: it is the way back to another
  embed.tell("joined");
  const how = await running.over;
  (await panel)?.close();
  embed.tell("ended", { reason: how.reason ?? how.why });
  if (how.why === "closed") return closed(how);
  storage.removeItem(joinedSlot);
  return over(how, card);
}

/** The interviewer's own; neither its script nor its style is ever loaded for anybody else. */
async function openPanel(bot) {
  const style = el("link", { rel: "stylesheet", href: new URL("./panel.css", import.meta.url).href });
  const ready = new Promise((resolve) => (style.onload = style.onerror = resolve));
  document.head.append(style);
  const [{ Panel }] = await Promise.all([import("./panel.js"), ready]);
  const panel = new Panel(link, bot);
  panel.open();
  return panel;
}

/** They do not agree: nobody hears them, and that they said so is on record. */
async function refused(card) {
  microphone.close();
  show("loading");
  await refuse(link.token);
  embed.tell("ended", { reason: "consent_declined" });
  over({ why: "ended", reason: "consent_declined" }, card);
}

function closed({ code, frame }) {
  if (code === 4409) return trouble("replaced", () => location.reload());
  if (code === 4400) return trouble("bad", () => location.reload());
  return trouble(frame?.code in words.trouble ? frame.code : code - 4000, () => location.reload());
}

function over({ why, reason }, card) {
  const said = words.over;
  const guest = link.role !== "candidate";
  const read = why === "left" ? said.left : guest ? said.guest : (said[reason] ?? said.technical);
  const [title, ...lines] = read(card.candidate);
  $("over-title").textContent = title;
  $("over-text").replaceChildren(...lines.filter(Boolean).map((line, index) => el("p", { className: index ? "soft" : "" }, line)));
  const well = why === "left" || guest || WELL.has(reason);
  $("over-mark").dataset.tone = well ? "good" : "warn";
  $("over-mark").firstElementChild.className = `icon icon-${well ? "check" : "alert"}`;
  $("over-act").hidden = why !== "left";
  $("over-act").textContent = words.joinAgain;
  $("over-act").onclick = () => location.reload();
  offerReport($("over-report"), true);
  show("over");
}

/** An interviewer's link opens the scorecard and the report too. */
function offerReport(report, due) {
  report.hidden = !due || link.role !== "interviewer";
  report.textContent = words.report;
  report.target = embed.framed ? "_blank" : ""; // no page but the room may be in a frame
  report.href = new URL(`../app/interviews/${encodeURIComponent(link.interviewId)}/report#${link.token}`, location.href).href;
}

function trouble(which, act) {
  const [title, text, label] = words.trouble[which] ?? words.trouble.network;
  $("trouble-title").textContent = title;
  $("trouble-text").textContent = text;
  $("trouble-act").hidden = !(label && act);
  $("trouble-act").textContent = label;
  $("trouble-act").onclick = act;
  offerReport($("trouble-report"), which === 410);
  show("trouble");
}

function show(step) {
  document.body.dataset.step = step;
  for (const section of document.querySelectorAll("main > section")) section.hidden = section.id !== step;
  $(step).querySelector("h1")?.focus({ preventScroll: true });
}
