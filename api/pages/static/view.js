// What people see of a call: who has the floor, who is there, how the line is, what went wrong.

import { $, clock, el, icon, refill } from "./dom.js";
import { words } from "./words.js";

const SPEAKING_ABOVE = 0.5; // of the meter
const FIRST_TRY_MS = 8000;
const ABSENT_AFTER_MS = 3000; // a bot whose line broke is back by then, or it is gone

export class View {
  #link;
  #mesh;
  #ears;
  #storage;
  #state;
  #botSeen = false;
  #leaderSeen = false;
  #botPresentAt = 0;
  #startedAt;
  #slow = false; // the first try takes longer than one would wait in silence
  #slowTimer = 0;
  #timer = 0;
  #frame = 0;

  /**
   * state: the call's own, read at each `render`: {open, everOpen, unavailable, ended, floor, mode, leads, paused, muted,
   * blocked, microphone, awake, unblock, retry, remike}.
   */
  constructor({ link, mesh, ears, storage, state }) {
    this.#link = link;
    this.#mesh = mesh;
    this.#ears = ears;
    this.#storage = storage;
    this.#state = state;
  }

  start() {
    this.#slowTimer = setTimeout(() => {
      this.#slow = true;
      this.render();
    }, FIRST_TRY_MS);
    this.render();
    this.#animate();
  }

  stop() {
    cancelAnimationFrame(this.#frame);
    clearInterval(this.#timer);
    clearTimeout(this.#slowTimer);
    $("facts").hidden = $("line").hidden = true;
  }

  /** Whether people hold the interview at the moment. */
  get peopleLead() {
    return this.#state.mode !== "solo" && this.#state.leads !== "bot";
  }

  render() {
    const known = this.#mesh.people;
    const bot = this.#botOf(known);
    const people = known.map((person) => (person.role === "bot" ? bot : person));
    if (bot?.connected) this.#botSeen = true;
    if (bot?.connected && !this.#startedAt) this.#startClock();
    this.#showLine(bot, people);
    this.#showBanner();
    this.#showFloor(bot, people);
    this.#showAsks();
    this.#showPeople(people);
    const { number, of } = this.#state.floor ?? {};
    $("progress").textContent = number && !this.peopleLead ? words.progress(number, of) : "";
  }

  /** The bot, connected as far as one can tell: ICE takes long to notice a peer that died, the room knows at once. */
  #botOf(people) {
    const bot = people.find((person) => person.role === "bot");
    if (!bot) return undefined;
    const now = performance.now();
    if (bot.present || !this.#state.open) this.#botPresentAt = now;
    else if (now - this.#botPresentAt < ABSENT_AFTER_MS) setTimeout(() => this.render(), ABSENT_AFTER_MS);
    const gone = now - this.#botPresentAt >= ABSENT_AFTER_MS;
    return gone ? { ...bot, connected: false, gone } : bot;
  }

  #showLine(bot, people) {
    const { open, everOpen } = this.#state;
    const connected = people.some((person) => person.connected);
    let [text, tone] = [words.line.connecting, "warn"];
    if (open && connected) [text, tone] = [words.line.connected, "good"];
    else if (open) [text, tone] = bot && !bot.gone ? [words.line.connecting, "warn"] : [words.line.waiting, ""];
    else if (everOpen && connected) [text, tone] = [words.line.reconnecting, "warn"];
    else if (everOpen) [text, tone] = [words.line.lost, "bad"];
    if ($("line").textContent !== text) $("line").textContent = text;
    $("line").dataset.tone = tone;
  }

  #showBanner() {
    const shown = this.#banner();
    const place = $("banner");
    const key = shown ? shown[0][0] : "";
    if (place.dataset.key === key) return;
    place.dataset.key = key;
    const focused = place.contains(document.activeElement);
    place.hidden = !shown;
    if (!shown && focused) $("call-title").focus();
    if (!shown) return;
    const [[title, text], tone, label, act] = shown;
    place.dataset.tone = tone;
    const button = label && el("p", { className: "row" }, el("button", { onclick: act }, label));
    refill(place, [el("strong", {}, title), el("span", {}, text), ...(button ? [button] : [])], $("call-title"));
  }

  #banner() {
    const { banner } = words;
    const { open, everOpen, unavailable, blocked, microphone, unblock, retry, remike } = this.#state;
    const lost = [banner.lost, "bad", banner.tryNow, retry];
    if (blocked) return [banner.blocked, "warn", banner.hear, unblock];
    if (!open && unavailable && !this.#mesh.connected) return [banner.unavailable, "bad", banner.tryNow, retry];
    if (!open && everOpen) return this.#mesh.connected ? [banner.reconnecting, "warn"] : lost;
    if (!open && this.#slow) return [banner.unreached, "bad", banner.tryNow, retry];
    if (microphone.gone) return [banner.micGone, "bad", banner.useAnother, remike];
    return microphone.held ? [banner.micHeld, "warn"] : null;
  }

  #showFloor(bot, people) {
    const floor = this.#floorNow(bot);
    const [title, hint] = this.#floorWords(floor, bot, people);
    $("orb").dataset.floor = floor;
    if ($("floor").textContent !== title) $("floor").textContent = title;
    if ($("floor-hint").textContent !== hint) $("floor-hint").textContent = hint;
  }

  #floorNow(bot) {
    const { ended, floor } = this.#state;
    if (ended || floor?.floor === "ended") return "ended";
    return bot?.connected ? (floor?.floor ?? "waiting") : "waiting";
  }

  #floorWords(floor, bot, people) {
    const said = words.floor;
    if (floor === "ended") return said.ended;
    if (!this.#state.open && !this.#mesh.connected) return said.connecting;
    if (this.peopleLead) return this.#peopleLead(bot, people);
    if (!bot?.connected) return bot && !bot.gone ? said.connecting : this.#botSeen ? said.rejoining : this.#nobodyYet();
    if (this.#link.role !== "candidate" && said.others[floor]) return [said.others[floor], ""];
    if (this.#state.paused && floor === "listening") return said.paused;
    if (floor === "listening") return said.listening[this.#state.floor.expecting] ?? said.listening.nothing;
    return floor === "waiting" ? said.here : said[floor];
  }

  #nobodyYet() {
    return this.#link.role === "candidate" ? words.floor.waiting : words.floor.nobody;
  }

  /** Where people lead, what the bot does is a note below who does. */
  #peopleLead(bot, people) {
    const said = words.floor.people;
    const here = (role) => people.filter((person) => person.role === role && person.connected).map((person) => person.name);
    const watches = bot?.connected ? said.watches[this.#state.mode] : said.away;
    if (this.#link.role === "interviewer") return here("candidate").length ? [said.youLead, watches] : [said.noCandidate, watches];
    const leaders = here("interviewer");
    this.#leaderSeen ||= leaders.length > 0;
    if (leaders.length) return [said.leads(words.listOf(leaders)), watches];
    const hint = this.#leaderSeen ? said.gone : said.first;
    return [said.noInterviewer, this.#state.floor?.floor === "alone" ? said.unheard(hint) : hint];
  }

  /** Buttons that speak to the bot are there while it leads. */
  #showAsks() {
    const focused = $("asks").contains(document.activeElement);
    $("asks").hidden = this.#link.role === "observer" || this.peopleLead;
    if ($("asks").hidden && focused) ($("mute").hidden ? $("leave") : $("mute")).focus();
  }

  #showPeople(people) {
    const { muted, microphone } = this.#state;
    const mine = { id: "me", name: words.you, role: this.#link.role, muted: muted || !microphone.track };
    const there = people.filter((person) => person.connected || person.role === "observer");
    const shown = [...there.map((person) => (person.role === "bot" && this.peopleLead ? { ...person, role: "listener" } : person)), mine];
    const key = JSON.stringify(shown);
    if ($("people").dataset.key === key) return;
    $("people").dataset.key = key;
    $("people").replaceChildren(
      ...shown.map(({ id, name, role, muted }) =>
        el(
          "li",
          { dataset: { id } },
          role === "observer" ? icon("speaker") : icon(muted ? "mic-off" : "mic"),
          el("span", {}, name),
          id !== "me" && el("span", { className: "role" }, words.roles[role]),
          muted && role !== "observer" && el("span", { className: "only-heard" }, words.said.muted),
        ),
      ),
    );
  }

  #startClock() {
    const slot = `vivavoce.started.${this.#link.interviewId}`;
    this.#startedAt = Number(this.#storage.getItem(slot)) || Date.now();
    this.#storage.setItem(slot, String(this.#startedAt));
    const tick = () => ($("clock").textContent = clock(Date.now() - this.#startedAt));
    tick();
    this.#timer = setInterval(tick, 1000);
  }

  /** Who is heard right now: the orb moves with the voice that has the floor, names light up. */
  #animate() {
    const moves = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    const draw = () => {
      const bot = this.#mesh.people.find((person) => person.role === "bot");
      const { muted } = this.#state;
      const spoken = $("orb").dataset.floor === "speaking" && bot;
      const level = spoken ? this.#ears.level(bot.id) : muted ? 0 : this.#ears.level("me");
      if (moves) $("orb").style.setProperty("--level", Math.max(0, (level - 0.3) / 0.7).toFixed(3));
      for (const person of $("people").children) {
        const { id } = person.dataset;
        const speaking = String(!(id === "me" && muted) && this.#ears.level(id) > SPEAKING_ABOVE);
        if (person.dataset.speaking !== speaking) person.dataset.speaking = speaking;
      }
      this.#frame = requestAnimationFrame(draw);
    };
    draw();
  }
}
