// The room page: link → device check → what will happen, and consent → call → end.

import { Call } from "./call.js";
import { Check } from "./check.js";
import { $, el, icon } from "./dom.js";
import { takeLink } from "./link.js";
import { Ears, Microphone } from "./sound.js";
import { introduce, words } from "./words.js";

const link = takeLink(location, history, sessionStorage);
const joinedSlot = `vivavoce.joined.${link.interviewId}`;
const microphone = new Microphone();
const ears = new Ears();

addEventListener("hashchange", () => location.reload()); // another link was opened in this tab
await open();

async function open() {
  show("loading");
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
  if (!answer.ok) return trouble(answer.status in words.trouble ? answer.status : "network", () => open());
  const card = await answer.json();
  Object.assign(link, card.you);
  introduce(card.bot);
  document.title = card.title;
  document.documentElement.lang = "en";
  if (!link.fresh && sessionStorage.getItem(joinedSlot)) return comeBack(card);
  return enter(card);
}

async function enter(card) {
  const listens = link.role === "observer";
  $("check-step").hidden = $("consent-step").hidden = listens;
  if (!listens) {
    show("check");
    await new Check(link.role, microphone, ears).run(card.title);
  }
  show("consent");
  const shown = Date.now();
  await consent(card, () => enter(card));
  const version = watched(card) ? words.observed.notice : words.consent.notice;
  await call(card, { version, shown, given: Date.now() });
}

/** The same tab again, after a reload in the call: one press, because sound needs one. */
async function comeBack(card) {
  const { title, lead, join } = words.consent.back(card.title);
  $("consent-title").textContent = title;
  $("consent-lead").textContent = lead;
  $("consent-step").hidden = $("consent-back").hidden = true;
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
  return call(card, JSON.parse(sessionStorage.getItem(joinedSlot)));
}

/** Whether a candidate comes to an interview that people lead. */
function watched(card) {
  return card.mode !== "solo" && !["interviewer", "observer"].includes(link.role);
}

function consent(card, back) {
  const said = watched(card) ? words.observed : (words.consent[link.role] ?? words.consent.candidate);
  const facts = [card.title, card.organisation, card.questions && words.consent.questions(card.questions)];
  const about = { listeners: words.consent.candidate.listeners(card.organisation) };
  $("consent-title").textContent = said.title(card.candidate);
  $("consent-lead").textContent = words.consent.candidate.lead(facts.filter(Boolean));
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
  return new Promise((resolve) => ($("join").onclick = resolve));
}

/** notice: which one was agreed to, and when it was shown and agreed to, by this device's clock. */
async function call(card, notice) {
  sessionStorage.setItem(joinedSlot, JSON.stringify(notice));
  void ears.context; // from the press of the button, so that sound may play
  const running = new Call({ link, microphone, ears, notice, storage: sessionStorage });
  window.vivavoce = { mesh: running.mesh }; // for those who look closer: connection statistics
  show("call");
  running.start(card);
  const how = await running.over;
  if (how.why === "closed") return closed(how);
  sessionStorage.removeItem(joinedSlot);
  return over(how, card);
}

function closed({ code, frame }) {
  if (code === 4409) return trouble("replaced", () => location.reload());
  if (code === 4400) return trouble("bad", () => location.reload());
  return trouble(code - 4000, () => location.reload(), frame);
}

function over({ why, reason }, card) {
  const said = words.over;
  const guest = link.role !== "candidate";
  const read = why === "left" ? said.left : guest ? said.guest : (said[reason] ?? said.technical);
  const [title, ...lines] = read(card.candidate);
  $("over-title").textContent = title;
  $("over-text").replaceChildren(...lines.filter(Boolean).map((line, index) => el("p", { className: index ? "soft" : "" }, line)));
  $("over-act").hidden = why !== "left";
  $("over-act").textContent = words.joinAgain;
  $("over-act").onclick = () => location.reload();
  show("over");
}

function trouble(which, act) {
  const [title, text, label] = words.trouble[which] ?? words.trouble.network;
  $("trouble-title").textContent = title;
  $("trouble-text").textContent = text;
  $("trouble-act").hidden = !(label && act);
  $("trouble-act").textContent = label;
  $("trouble-act").onclick = act;
  show("trouble");
}

function show(step) {
  document.body.dataset.step = step;
  for (const section of document.querySelectorAll("main > section")) section.hidden = section.id !== step;
  $(step).querySelector("h1")?.focus({ preventScroll: true });
}
