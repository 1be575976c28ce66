// The call itself: line, mesh and microphone on one side, what people see and press on the other.

import { Captions } from "./captions.js";
import { $, ask, clock, el, icon } from "./dom.js";
import { Line } from "./line.js";
import { Mesh } from "./mesh.js";
import { Loudspeaker } from "./sound.js";
import { words } from "./words.js";

const SPEAKING_ABOVE = 0.5; // of the meter
const LAST_WORDS_MS = 4000; // what is still on its way to the ear when the interview ends
const FIRST_TRY_MS = 8000;
const ABSENT_AFTER_MS = 3000; // a bot whose line broke is back by then, or it is gone

/** Resolves through `over`: `{why: "ended" | "left" | "closed", …}`. */
export class Call {
  #link;
  #microphone;
  #ears;
  #storage;
  #line;
  #mesh;
  #loudspeaker = new Loudspeaker($("sound"));
  #captions;
  #open = false;
  #everOpen = false;
  #floor = null;
  #botSeen = false;
  #botPresentAt = 0;
  #paused = false;
  #muted = false;
  #blocked = false;
  #ended = null;
  #resolve;
  #frame = 0;
  #startedAt;

  constructor({ link, microphone, ears, notice, storage }) {
    Object.assign(this, { over: new Promise((resolve) => (this.#resolve = resolve)) });
    this.#link = link;
    this.#microphone = microphone;
    this.#ears = ears;
    this.#storage = storage;
    this.#captions = new Captions(link.participant_id);
    this.#mesh = new Mesh((frame) => this.#line.send(frame), link.role);
    this.#line = new Line(signalUrl(), () => ({
      type: "hello",
      token: link.token,
      consented: true,
      notice: { version: notice.version, shown_ms: ago(notice.shown), given_ms: ago(notice.given) },
      peers: this.#mesh.claim(),
    }));
    this.#listen();
    this.#wire();
  }

  get mesh() {
    return this.#mesh;
  }

  start(card) {
    $("call-title").textContent = card.title;
    $("facts").hidden = $("line").hidden = false;
    const mayAsk = this.#link.role !== "observer" && card.mode === "solo";
    $("asks").hidden = !mayAsk;
    $("mute").hidden = !this.#microphone.track && this.#link.role !== "candidate";
    this.#mesh.speakWith(this.#microphone.track);
    this.#line.open();
    setTimeout(() => this.#render(), FIRST_TRY_MS);
    this.#render();
    this.#animate();
  }

  // ---- what comes in -------------------------------------------------------------------------------------------

  #listen() {
    this.#line.addEventListener("open", ({ detail }) => this.#welcomed(detail));
    this.#line.addEventListener("frame", ({ detail }) => this.#take(detail));
    this.#line.addEventListener("lost", () => this.#lineLost());
    this.#line.addEventListener("closed", ({ detail }) => this.#lineClosed(detail));
    this.#mesh.addEventListener("change", () => this.#render());
    this.#mesh.addEventListener("broken", () => this.#line.again());
    this.#mesh.addEventListener("sound", ({ detail: { id, stream } }) => {
      this.#loudspeaker.play(id, stream);
      this.#ears.listen(id, stream);
    });
    this.#mesh.addEventListener("silence", ({ detail: { id } }) => {
      this.#loudspeaker.stop(id);
      this.#ears.forget(id);
    });
    this.#loudspeaker.addEventListener("blocked", () => {
      this.#blocked = true;
      this.#render();
    });
    this.#microphone.addEventListener("change", () => {
      this.#mesh.speakWith(this.#microphone.track);
      this.#microphone.mute(this.#muted);
      if (this.#microphone.stream) this.#ears.listen("me", this.#microphone.stream);
      this.#render();
    });
  }

  #welcomed(frame) {
    this.#open = this.#everOpen = true;
    this.#floor = frame.floor ?? this.#floor;
    this.#mesh.welcome(frame);
    if (this.#muted) this.#line.send({ type: "level", muted: true });
    this.#render();
  }

  #take(frame) {
    const takes = {
      "peer-joined": () => this.#mesh.joined(frame.peer),
      "peer-left": () => this.#mesh.left(frame),
      signal: () => this.#mesh.signal(frame),
      muted: () => this.#mesh.muted(frame),
      caption: () => this.#captions.take(frame),
      floor: () => this.#floorMoved(frame),
      ended: () => (this.#ended = frame),
    };
    takes[frame.type]?.();
  }

  #floorMoved(frame) {
    this.#floor = frame;
    if (frame.floor === "speaking") this.#setPaused(false);
    this.#render();
  }

  #lineLost() {
    this.#open = false;
    this.#render();
  }

  #lineClosed({ code, frame }) {
    this.#open = false;
    if (this.#ended) setTimeout(() => this.#finish({ why: "ended", ...this.#ended }), this.#mesh.connected ? LAST_WORDS_MS : 0);
    else this.#finish({ why: "closed", code, frame });
    this.#render();
  }

  #finish(how) {
    cancelAnimationFrame(this.#frame);
    this.#mesh.close();
    this.#microphone.close();
    $("facts").hidden = $("line").hidden = true;
    this.#resolve(how);
  }

  // ---- what people press ---------------------------------------------------------------------------------------

  #wire() {
    $("mute").onclick = () => this.#mute(!this.#muted);
    $("leave").onclick = () => this.#leave();
    $("human").onclick = () => this.#human();
    for (const button of document.querySelectorAll("[data-control]")) {
      button.onclick = () => this.#control(button.dataset.control);
    }
    $("captions-toggle").onclick = ({ currentTarget }) => {
      const on = currentTarget.getAttribute("aria-pressed") !== "true";
      currentTarget.setAttribute("aria-pressed", String(on));
      this.#captions.show(on);
      this.#say(on ? words.said.captionsOn : words.said.captionsOff);
    };
  }

  #control(control) {
    const sent = control === "pause" && this.#paused ? "resume" : control;
    this.#line.send({ type: "control", control: sent });
    if (control === "pause") this.#setPaused(!this.#paused);
    this.#say(words.said[sent]);
    this.#render();
  }

  #setPaused(paused) {
    this.#paused = paused;
    $("moment").firstElementChild.className = `icon icon-${paused ? "play" : "pause"}`;
    $("moment").lastElementChild.textContent = paused ? words.moment.back : words.moment.ask;
  }

  #mute(muted) {
    this.#muted = muted;
    this.#microphone.mute(muted);
    this.#line.send({ type: "level", muted });
    $("mute").setAttribute("aria-pressed", String(muted));
    $("mute").firstElementChild.className = `icon icon-${muted ? "mic-off" : "mic"}`;
    $("mute").lastElementChild.textContent = muted ? words.mute.off : words.mute.on;
    this.#say(muted ? words.said.muted : words.said.unmuted);
    this.#render();
  }

  async #leave() {
    if (!(await ask(this.#link.role === "candidate" ? words.ask.leave : words.ask.leaveGuest, true))) return;
    this.#line.leave();
    this.#finish({ why: "left" });
  }

  async #human() {
    if (await ask(words.ask.human)) this.#control("human");
  }

  #say(text) {
    $("said").textContent = text;
  }

  // ---- what people see -----------------------------------------------------------------------------------------

  #render() {
    if (this.#ended && !this.#open) return;
    const people = this.#mesh.people;
    const bot = this.#botOf(people);
    if (bot?.connected) this.#botSeen = true;
    if (bot?.connected && !this.#startedAt) this.#startClock();
    this.#showLine(bot);
    this.#showBanner();
    this.#showFloor(bot);
    this.#showPeople(people);
    const { number, of } = this.#floor ?? {};
    $("progress").textContent = number ? words.progress(number, of) : "";
  }

  /** The bot, connected as far as one can tell: ICE takes long to notice a peer that died, the room knows at once. */
  #botOf(people) {
    const bot = people.find((person) => person.role === "bot");
    if (!bot) return undefined;
    const now = performance.now();
    if (bot.present || !this.#open) this.#botPresentAt = now;
    else if (now - this.#botPresentAt < ABSENT_AFTER_MS) setTimeout(() => this.#render(), ABSENT_AFTER_MS);
    const gone = now - this.#botPresentAt >= ABSENT_AFTER_MS;
    return gone ? { ...bot, connected: false, gone } : bot;
  }

  #showLine(bot) {
    let [text, tone] = [words.line.connecting, "warn"];
    if (this.#open && this.#mesh.connected) [text, tone] = [words.line.connected, "good"];
    else if (this.#open) [text, tone] = bot ? [words.line.connecting, "warn"] : [words.line.waiting, ""];
    else if (this.#everOpen && this.#mesh.connected) [text, tone] = [words.line.reconnecting, "warn"];
    else if (this.#everOpen) [text, tone] = [words.line.lost, "bad"];
    if ($("line").textContent !== text) $("line").textContent = text;
    $("line").dataset.tone = tone;
  }

  #showBanner() {
    const { banner } = words;
    let shown = null;
    if (this.#blocked) shown = [banner.blocked, "warn", banner.hear, () => this.#unblock()];
    else if (!this.#open && this.#everOpen) {
      shown = this.#mesh.connected
        ? [banner.reconnecting, "warn"]
        : [banner.lost, "bad", banner.tryNow, () => this.#line.now()];
    } else if (!this.#everOpen && performance.now() > FIRST_TRY_MS && !this.#open) {
      shown = [banner.lost, "bad", banner.tryNow, () => this.#line.now()];
    } else if (this.#link.role === "candidate" && !this.#microphone.track) shown = [banner.micGone, "bad"];
    const place = $("banner");
    const key = shown ? shown[0][0] : "";
    if (place.dataset.key === key) return;
    place.dataset.key = key;
    place.hidden = !shown;
    if (!shown) return;
    const [[title, text], tone, label, act] = shown;
    place.dataset.tone = tone;
    place.replaceChildren(el("strong", {}, title), el("span", {}, text));
    if (label) place.append(el("p", { className: "row" }, el("button", { onclick: act }, label)));
  }

  #unblock() {
    this.#blocked = false;
    this.#loudspeaker.unblock();
    this.#render();
  }

  #showFloor(bot) {
    const floor = this.#floorNow(bot);
    const [title, hint] = this.#floorWords(floor, bot);
    $("orb").dataset.floor = floor;
    if ($("floor").textContent !== title) $("floor").textContent = title;
    $("floor-hint").textContent = hint;
  }

  #floorNow(bot) {
    if (this.#ended || this.#floor?.floor === "ended") return "ended";
    return bot?.connected ? (this.#floor?.floor ?? "waiting") : "waiting";
  }

  #floorWords(floor, bot) {
    const said = words.floor;
    if (floor === "ended") return said.ended;
    if (!this.#open && !this.#mesh.connected) return said.connecting;
    if (!bot?.connected) return bot && !bot.gone ? said.connecting : this.#botSeen ? said.rejoining : this.#nobodyYet();
    if (this.#link.role !== "candidate" && said.others[floor]) return [said.others[floor], ""];
    if (this.#paused && floor === "listening") return said.paused;
    if (floor === "listening") return said.listening[this.#floor.expecting] ?? said.listening.nothing;
    return floor === "waiting" ? said.here : said[floor];
  }

  #nobodyYet() {
    return this.#link.role === "candidate" ? words.floor.waiting : words.floor.nobody;
  }

  #showPeople(people) {
    const mine = { id: "me", name: words.you, role: this.#link.role, muted: this.#muted || !this.#microphone.track };
    const shown = [...people.filter((person) => person.connected || person.role === "observer"), mine];
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
    const timer = setInterval(tick, 1000);
    this.over.then(() => clearInterval(timer));
  }

  /** Who is heard right now: the orb moves with the voice that has the floor, names light up. */
  #animate() {
    const moves = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    const draw = () => {
      const bot = this.#mesh.people.find((person) => person.role === "bot");
      const floor = $("orb").dataset.floor;
      const level = floor === "speaking" && bot ? this.#ears.level(bot.id) : this.#muted ? 0 : this.#ears.level("me");
      if (moves) $("orb").style.setProperty("--level", Math.max(0, (level - 0.3) / 0.7).toFixed(3));
      for (const person of $("people").children) {
        const { id } = person.dataset;
        const speaking = String(!(id === "me" && this.#muted) && this.#ears.level(id) > SPEAKING_ABOVE);
        if (person.dataset.speaking !== speaking) person.dataset.speaking = speaking;
      }
      this.#frame = requestAnimationFrame(draw);
    };
    draw();
  }
}

function ago(time) {
  return Math.max(0, Date.now() - time); // a device's clock may be set back
}

function signalUrl() {
  const url = new URL(`${location.pathname}/signal`, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}
