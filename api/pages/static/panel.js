// The interviewer's private panel beside the call. Loaded for an interviewer alone; the candidate's page never has it.

import { $, ask, el, isolated } from "./dom.js";
import { tabStorage } from "./link.js";
import { PanelAsk } from "./panel-ask.js";
import { PanelCard } from "./panel-card.js";
import { PanelLine } from "./panel-line.js";
import { keyed, spoken, spokenIn } from "./panel-parts.js";
import { PanelStand } from "./panel-stand.js";
import { said } from "./panel-words.js";
import { words as served } from "./served-words.js";
import { fill } from "./words.js";

const FRESH_WARNING_MS = 120000; // one that is older is no news after a reload
const MOST_WARNINGS = 2;
const MOST_QUESTIONS = 3; // offered to lend the bot at once

export class Panel {
  #line;
  #place = $("panel");
  #card;
  #stand = new PanelStand();
  #ask;
  #interview = { mode: "copilot" };
  #leads = "interviewer";
  #left = 0;
  #quiet = false;
  #over = false; // closed to this person
  #parts = {};

  /** interviewId, token: of the interviewer's join link; bot: its name. */
  constructor({ interviewId, token }, bot) {
    fill(said, (text) => text.replaceAll("{bot}", isolated(bot)));
    const path = new URL(`../v1/interviews/${encodeURIComponent(interviewId)}/copilot`, location.href).pathname;
    this.#line = new PanelLine(path, token);
    this.#card = new PanelCard(this.#line);
    this.#ask = new PanelAsk(this.#line);
    this.#build();
    this.#line.addEventListener("open", ({ detail }) => this.#opened(detail));
    this.#line.addEventListener("frame", ({ detail }) => this.#take(detail.frame, detail.replayed));
    this.#line.addEventListener("lost", () => this.#showLine("lost", "warn"));
    this.#line.addEventListener("unsent", () => this.#say(said.unsent));
    this.#line.addEventListener("closed", ({ detail }) => this.#closed(detail.why));
    addEventListener("keydown", (event) => this.#key(event));
  }

  open() {
    this.#place.hidden = false;
    document.body.dataset.panel = "open";
    this.#line.open();
  }

  close() {
    this.#line.leave();
    this.#card.stop();
    this.#stand.stop();
    this.#place.hidden = true;
    delete document.body.dataset.panel;
  }

  // ---- what comes in -------------------------------------------------------------------------------------------

  #opened(interview) {
    spokenIn(interview.language);
    this.#say("");
    this.#interview = interview;
    this.#stand.planned(interview);
    this.#quietChanged(Boolean(interview.quiet), true);
    this.#showUnwatched(interview.unwatched ?? []);
    this.#showLine("up", "good");
    this.#showLead();
  }

  #take({ type, data, at }, replayed) {
    const age = replayed ? Math.max(0, Date.now() - Date.parse(at)) : 0;
    const takes = {
      "coverage.updated": () => this.#stand.covered(data),
      "time.updated": () => this.#stand.time(data, age),
      "suggestion.created": () => this.#card.created(data, age, replayed),
      "suggestion.expired": () => this.#card.expired(data),
      "suggestion.feedback": () => this.#card.decided(data),
      "guard.warning": () => age < FRESH_WARNING_MS && this.#warn(data),
      "quiet.changed": () => this.#quietChanged(data.on, replayed),
      "ask.request": () => this.#ask.asked(data),
      "ask.answer": () => this.#ask.answered(data),
      "floor.changed": () => this.#floorChanged(data, replayed),
      "mode.changed": () => this.#modeChanged(data),
      error: () => this.#refused(data),
    };
    takes[type]?.();
  }

  #refused(problem) {
    const text = said.refused(served.problems[problem.code]?.(problem) ?? problem.detail);
    if (!this.#ask.refused(problem.id, text)) this.#say(text);
  }

  #floorChanged({ to, questions, reason }, replayed) {
    this.#leads = to;
    this.#left = questions ?? 0;
    if (!replayed && reason in said.lead.reasons) this.#say(said.lead.reasons[reason]);
    this.#showLead();
  }

  #modeChanged({ to }) {
    this.#interview.mode = to;
    this.#leads = to === "solo" ? "bot" : "interviewer";
    this.#left = 0;
    this.#showLead();
  }

  #quietChanged(on, replayed) {
    this.#quiet = on;
    this.#parts.quiet.setAttribute("aria-pressed", String(on));
    this.#card.quiet(on);
    if (!replayed) this.#say(on ? said.quiet.isOn : said.quiet.isOff);
  }

  #warn({ who, category, words, reason, rephrase }) {
    const mine = who === "interviewer";
    const seen = el("button", { className: "small-button" }, said.guard.seen);
    const warning = el(
      "div",
      { className: "warning" },
      el("strong", {}, mine ? said.guard.interviewer(category) : said.guard.candidate),
      mine && words && spoken("span", `“${words}”`),
      mine ? spoken("span", reason, { className: "small" }) : el("span", { className: "small" }, said.guard.probe),
      rephrase && el("span", {}, el("b", {}, said.guard.instead), " ", spoken("span", rephrase)),
      seen,
    );
    seen.onclick = () => this.#settle(warning);
    this.#parts.warnings.prepend(warning);
    while (this.#parts.warnings.childElementCount > MOST_WARNINGS) this.#settle(this.#parts.warnings.lastElementChild);
  }

  /** Take a warning away; a focus that was in it goes to the next one, or to the panel's title. */
  #settle(warning) {
    const had = warning.contains(document.activeElement);
    warning.remove();
    if (had) (this.#parts.warnings.querySelector("button") ?? $("panel-title")).focus();
  }

  #closed(why) {
    const [title, text] = said.closed[why];
    this.#showLine("closed", "");
    this.#card.stop();
    this.#stand.stop();
    this.#parts.closed.replaceChildren(el("strong", {}, title), el("span", {}, text));
    this.#parts.closed.hidden = false;
    if (why === "over") return;
    this.#over = this.#parts.blanked.hidden = true;
    this.#parts.working.hidden = this.#parts.buttons.hidden = true;
  }

  // ---- what the interviewer does -------------------------------------------------------------------------------

  /** Single keys, where no field has the focus and no modifier is held. */
  #key(event) {
    const typing = event.target.closest("input:not([type=checkbox]), textarea, select, dialog");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || this.#over || this.#place.hidden) return;
    if (!this.#parts.keys.checked) return;
    const key = event.key.toLowerCase();
    const acts = { q: () => this.#askQuiet(), b: () => this.#blank(!this.#parts.working.hidden) };
    const act = acts[key] ?? (this.#parts.working.hidden ? null : this.#card.keys[key]);
    if (!act) return;
    event.preventDefault();
    act();
  }

  #askQuiet() {
    this.#line.send({ type: "quiet", on: !this.#quiet });
  }

  /** Nothing of the panel is to be seen while a screen is shared; keys and call go on. */
  #blank(on) {
    const { working, blanked, blank } = this.#parts;
    working.hidden = on;
    blanked.hidden = !on;
    blank.setAttribute("aria-pressed", String(on));
    (on ? blanked.querySelector("button") : blank).focus();
  }

  async #changeMode(to) {
    const select = this.#parts.mode;
    const { title, text, yes, no } = said.lead.change;
    const sure = await ask({ title: title(said.lead.modes[to]), text, yes, no });
    select.value = this.#interview.mode;
    if (sure && this.#line.send({ type: "mode", to })) this.#say(said.lead.asked);
    select.focus();
  }

  #floor(frame) {
    if (this.#line.send({ type: "floor", ...frame })) this.#say(said.lead.asked);
  }

  #say(text) {
    this.#parts.said.textContent = text;
  }

  // ---- what there is to see ------------------------------------------------------------------------------------

  #build() {
    const parts = this.#parts;
    parts.line = el("span", { className: "pill", role: "status" }, said.line.connecting);
    parts.quiet = keyed(said.quiet.label, "Q", () => this.#askQuiet(), "small-button");
    parts.blank = keyed(said.blank.label, "B", () => this.#blank(!parts.working.hidden), "small-button");
    for (const toggle of [parts.quiet, parts.blank]) toggle.setAttribute("aria-pressed", "false");
    parts.buttons = el("div", { className: "panel-buttons" }, parts.quiet, parts.blank);
    parts.warnings = el("div", { className: "warnings", role: "alert" });
    parts.said = el("p", { className: "small soft panel-said", role: "status" });
    parts.closed = el("div", { className: "notice", role: "alert", hidden: true });
    parts.unwatched = el("div", { className: "unwatched small soft", role: "status" });
    parts.blanked = el(
      "div",
      { className: "blanked", hidden: true },
      el("p", {}, said.blank.text),
      el("p", { className: "small soft" }, said.blank.hint),
      el("button", { onclick: () => this.#blank(false) }, said.blank.show),
    );
    parts.lead = this.#leadPart();
    parts.working = el(
      "div",
      { className: "panel-working" },
      parts.warnings,
      parts.unwatched,
      this.#card.element,
      parts.lead,
      parts.said,
      this.#stand.element,
      this.#ask.element,
      this.#modePart(),
      this.#settings(),
    );
    this.#place.setAttribute("aria-labelledby", "panel-title");
    this.#place.replaceChildren(
      el("header", {}, el("h2", { id: "panel-title", tabIndex: -1 }, said.title), parts.line, parts.buttons),
      el("p", { className: "small soft" }, said.private),
      parts.closed,
      parts.blanked,
      parts.working,
    );
  }

  #leadPart() {
    const parts = this.#parts;
    parts.leads = el("p", { role: "status" });
    const counts = Array.from({ length: MOST_QUESTIONS }, (_, index) => index + 1);
    parts.give = el(
      "div",
      { className: "give", role: "group", "aria-label": said.lead.give },
      el("span", { "aria-hidden": "true" }, said.lead.give),
      ...counts.map((questions) =>
        el(
          "button",
          { className: "small-button", "aria-label": said.lead.giveOne(questions), onclick: () => this.#floor({ to: "bot", questions }) },
          String(questions),
        ),
      ),
    );
    parts.take = el("button", { className: "primary", onclick: () => this.#floor({ to: "interviewer" }) }, said.lead.take);
    return el("section", { className: "panel-part lead", "aria-label": said.lead.title }, parts.leads, parts.give, parts.take);
  }

  #modePart() {
    const options = Object.entries(said.lead.modes).map(([value, label]) => el("option", { value }, label));
    const select = el("select", { id: "panel-mode", onchange: ({ target }) => this.#changeMode(target.value) }, ...options);
    this.#parts.mode = select;
    return el("div", { className: "panel-part field" }, el("label", { for: "panel-mode" }, said.lead.mode), select);
  }

  #settings() {
    const parts = this.#parts;
    const kept = tabStorage(window);
    const keep = ({ target }) => kept.setItem(target.id, String(target.checked));
    const keys = kept.getItem("panel-keys") !== "false";
    parts.keys = el("input", { type: "checkbox", id: "panel-keys", checked: keys, onchange: keep });
    const aloud = el("input", { type: "checkbox", id: "panel-aloud", checked: kept.getItem("panel-aloud") === "true" });
    const output = el("select", { id: "panel-output" }, el("option", { value: "" }, said.settings.usual));
    const choose = el("div", { className: "field", hidden: true }, el("label", { for: "panel-output" }, said.settings.output), output);
    const hear = async () => {
      this.#card.aloud = aloud.checked;
      choose.hidden = !aloud.checked || !("setSinkId" in HTMLMediaElement.prototype);
      if (!choose.hidden) await outputs(output);
    };
    aloud.onchange = (event) => {
      keep(event);
      return hear();
    };
    if (aloud.checked) hear();
    output.onchange = () => (this.#card.sink = output.value);
    this.#card.unheard = () => this.#say(said.settings.noSpeech);
    return el(
      "details",
      { className: "panel-part" },
      el("summary", {}, said.settings.title),
      tick(aloud, said.settings.aloud),
      el("p", { className: "small soft" }, said.settings.aloudHint),
      choose,
      tick(parts.keys, said.settings.keys),
    );
  }

  #showLine(state, tone) {
    this.#parts.line.textContent = said.line[state];
    this.#parts.line.dataset.tone = tone;
    this.#ask.enable(state === "up");
  }

  /** Say once what nobody need wait for; a line that comes back says nothing new. */
  #showUnwatched(what) {
    const place = this.#parts.unwatched;
    const texts = what.map((one) => said.unwatched[one]).filter(Boolean);
    if (place.textContent !== texts.join("")) place.replaceChildren(...texts.map((text) => el("p", {}, text)));
  }

  #showLead() {
    const { leads, give, take, mode } = this.#parts;
    const { mode: now } = this.#interview;
    const bot = this.#leads === "bot" || now === "solo";
    const text = bot ? said.lead.bot(this.#left) : said.lead.you;
    if (leads.textContent !== text) leads.textContent = text;
    give.hidden = bot || now !== "copilot";
    take.hidden = !bot || now === "solo";
    if (document.activeElement?.closest(".lead [hidden]")) {
      [take, give.querySelector("button"), mode].find((one) => !one.closest("[hidden]")).focus(); // not lost with what is hidden
    }
    mode.value = now;
    this.#card.idle = said.lead.idle[now] ?? "";
    this.#stand.element.hidden = now !== "copilot"; // nobody keeps it otherwise
  }
}

function tick(input, label) {
  return el("label", { className: "panel-tick", for: input.id }, input, el("span", {}, label));
}

/** Fill a select with the outputs there are; their names are known where a microphone was granted. */
async function outputs(select) {
  const devices = await navigator.mediaDevices.enumerateDevices();
  const found = devices.filter((device) => device.kind === "audiooutput" && device.deviceId && device.label);
  select.replaceChildren(
    el("option", { value: "" }, said.settings.usual),
    ...found.map((device) => el("option", { value: device.deviceId }, device.label)),
  );
}
