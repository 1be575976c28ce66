// The call itself: line, mesh and microphone, and what people press. What they see of it is in `view.js`.

import { Awake } from "./awake.js";
import { Captions } from "./captions.js";
import { Company } from "./company.js";
import { $, ask } from "./dom.js";
import { Line } from "./line.js";
import { Mesh } from "./mesh.js";
import { Loudspeaker } from "./sound.js";
import { View } from "./view.js";
import { words } from "./words.js";

const LAST_WORDS_MS = 4000; // what is still on its way to the ear when the interview ends

/** Resolves through `over`: `{why: "ended" | "left" | "closed", …}`. */
export class Call {
  #link;
  #microphone;
  #ears;
  #storage;
  #line;
  #mesh;
  #view;
  #loudspeaker = new Loudspeaker($("sound"));
  #captions;
  #company = new Company((text) => this.#tell(text));
  #awake = new Awake();
  #state = { open: false, everOpen: false, unavailable: false, ended: null, floor: null, leads: "interviewer", paused: false, muted: false, blocked: false };
  #withdrawnSlot;
  #owesWithdrawal = false; // it was promised to be told when the line is back
  #sleptMs = 0; // what the bot was not told of yet
  #hadTrack = "";
  #resolve;

  constructor({ link, microphone, ears, notice, storage }) {
    Object.assign(this, { over: new Promise((resolve) => (this.#resolve = resolve)) });
    this.#link = link;
    this.#microphone = microphone;
    this.#ears = ears;
    this.#storage = storage;
    this.#withdrawnSlot = `vivavoce.withdrawn.${link.interviewId}`;
    this.#captions = new Captions(link.participant_id);
    this.#mesh = new Mesh((frame) => this.#line.send(frame), link.role);
    this.#line = new Line(() => ({
      type: "hello",
      token: link.token,
      consented: !this.#withdrawn,
      notice: { version: notice.version, shown_ms: ago(notice.shown), given_ms: ago(notice.given) },
      peers: this.#mesh.claim(),
    }));
    Object.assign(this.#state, {
      microphone: { track: null, gone: false, held: false },
      unblock: () => this.#unblock(),
      retry: () => this.#line.now(),
      remike: () => this.#microphone.open("").catch(() => this.#say(words.said.noMicrophone)),
    });
    this.#view = new View({ link, mesh: this.#mesh, ears, storage, state: this.#state });
    this.#listen();
    this.#wire();
  }

  get mesh() {
    return this.#mesh;
  }

  start(card) {
    $("call-title").textContent = card.title;
    $("facts").hidden = $("line").hidden = false;
    $("mute").hidden = !this.#microphone.track && this.#link.role !== "candidate";
    $("withdraw").hidden = this.#link.role !== "candidate" || this.#withdrawn;
    this.#state.mode = card.mode;
    this.#captions.spokenIn(card.language);
    this.#setPaused(false);
    $("mute").lastElementChild.textContent = words.mute.on;
    this.#microphoneChanged();
    this.#line.open();
    this.#view.start();
  }

  get #withdrawn() {
    return this.#storage.getItem(this.#withdrawnSlot) !== null;
  }

  // ---- what comes in -------------------------------------------------------------------------------------------

  #listen() {
    this.#line.addEventListener("open", ({ detail }) => this.#welcomed(detail));
    this.#line.addEventListener("frame", ({ detail }) => this.#take(detail));
    this.#line.addEventListener("lost", ({ detail }) => this.#lineLost(detail));
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
      this.#state.blocked = true;
      this.#render();
    });
    this.#microphone.addEventListener("change", () => this.#microphoneChanged());
    this.#awake.addEventListener("woke", ({ detail }) => this.#woke(detail));
  }

  #welcomed(frame) {
    Object.assign(this.#state, { open: true, everOpen: true, unavailable: false, floor: frame.floor ?? this.#state.floor });
    this.#leadsAs(frame.floor?.leads);
    this.#mesh.welcome(frame);
    this.#company.found(frame.peers);
    if (frame.interview.mode !== this.#state.mode) this.#modeChanged({ to: frame.interview.mode });
    this.#sendLevel();
    if (this.#withdrawn && this.#line.send({ type: "control", control: "withdraw" })) this.#withdrawalTold();
    this.#tellSlept();
    this.#render();
  }

  #take(frame) {
    const takes = {
      "peer-joined": () => this.#joined(frame.peer),
      "peer-left": () => this.#left(frame),
      removed: () => this.#removed(frame.participant_id),
      signal: () => this.#mesh.signal(frame),
      muted: () => this.#mesh.muted(frame),
      caption: () => this.#captions.take(frame),
      floor: () => this.#floorMoved(frame),
      "floor.changed": () => this.#floorChanged(frame),
      "mode.changed": () => this.#modeChanged(frame),
      ended: () => (this.#state.ended = frame),
    };
    takes[frame.type]?.();
  }

  #joined(peer) {
    this.#company.joined(peer);
    this.#mesh.joined(peer);
    if (this.#withdrawn && peer.role === "bot") this.#line.send({ type: "control", control: "withdraw" });
    this.#tellSlept();
  }

  #left(frame) {
    this.#company.left(frame);
    this.#captions.left(frame.participant_id);
    this.#mesh.left(frame);
  }

  /** Somebody is of the interview no longer: nothing of theirs is heard, and they hear nothing. */
  #removed(id) {
    this.#company.left({ participant_id: id, dropped: false });
    this.#captions.left(id);
    this.#mesh.remove(id);
  }

  #floorMoved(frame) {
    this.#state.floor = frame;
    this.#leadsAs(frame.leads);
    if (frame.floor === "speaking") this.#setPaused(false);
    this.#render();
  }

  /** The bot was handed the floor, or gave it back. */
  #floorChanged({ to, questions, reason }) {
    this.#leadsAs(to);
    if (reason !== "mode") this.#tell(to === "bot" ? words.news.botLeads(questions) : words.news.peopleLead);
    this.#render();
  }

  #modeChanged({ to }) {
    this.#state.mode = to;
    this.#leadsAs(to === "solo" ? "bot" : "interviewer");
    this.#tell(words.news.modes[to]);
    this.#render();
  }

  #leadsAs(who) {
    this.#state.leads = who ?? this.#state.leads;
  }

  #lineLost({ frame }) {
    this.#state.open = false;
    this.#state.unavailable = frame?.code === "room_unavailable";
    if (frame?.code === "room_full") {
      this.#line.leave(); // it would knock for ever
      this.#finish({ why: "closed", code: 4429, frame });
    } else this.#render();
  }

  #lineClosed({ code, frame }) {
    const { ended } = this.#state;
    this.#state.open = false;
    if (ended) setTimeout(() => this.#finish({ why: "ended", ...ended }), this.#mesh.connected ? LAST_WORDS_MS : 0);
    else this.#finish({ why: "closed", code, frame });
    this.#render();
  }

  #finish(how) {
    this.#view.stop();
    this.#awake.stop();
    this.#mesh.close();
    this.#microphone.close();
    this.#resolve(how);
  }

  /** Nothing ran for a while: say hello again, which recovers whatever was lost meanwhile. */
  #woke({ ms }) {
    this.#sleptMs += ms;
    void this.#ears.context;
    this.#tell(words.news.woke);
    this.#line.again();
  }

  /** The record is the bot's to keep: it is told once both are there. */
  #tellSlept() {
    if (!this.#sleptMs || !this.#botIsHere) return;
    if (this.#line.send({ type: "slept", ms: this.#sleptMs })) this.#sleptMs = 0;
  }

  get #botIsHere() {
    return this.#mesh.people.some(({ role, present }) => role === "bot" && present);
  }

  // ---- the microphone ------------------------------------------------------------------------------------------

  #microphoneChanged() {
    const { track, label, held } = this.#microphone;
    const speaks = this.#link.role === "candidate" || this.#hadTrack !== "";
    this.#state.microphone = { track, gone: speaks && !track, held: Boolean(track) && held };
    this.#mesh.speakWith(track);
    this.#microphone.mute(this.#state.muted);
    if (this.#microphone.stream) this.#ears.listen("me", this.#microphone.stream);
    else this.#ears.forget("me");
    if (track && this.#hadTrack && this.#hadTrack !== track.id) this.#tell(words.news.microphone(label));
    this.#hadTrack = track?.id ?? this.#hadTrack;
    this.#sendLevel();
    this.#render();
  }

  #sendLevel() {
    const { muted, microphone } = this.#state;
    const lost = Boolean(microphone.gone || microphone.held);
    const silent = muted || lost;
    if (silent || this.#toldSilent) this.#line.send({ type: "level", muted: silent, lost });
    this.#toldSilent = silent;
  }

  #toldSilent = false;

  #unblock() {
    this.#state.blocked = false;
    this.#loudspeaker.unblock();
    this.#render();
  }

  // ---- what people press ---------------------------------------------------------------------------------------

  #wire() {
    $("mute").onclick = () => this.#mute(!this.#state.muted);
    $("leave").onclick = () => this.#leave();
    $("human").onclick = () => this.#human();
    $("withdraw").onclick = () => this.#withdraw();
    for (const when of ["online", "pagehide"]) addEventListener(when, () => this.#tellByApi());
    addEventListener("beforeunload", (event) => this.#owesWithdrawal && event.preventDefault());
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
    const sent = control === "pause" && this.#state.paused ? "resume" : control;
    if (!this.#line.send({ type: "control", control: sent })) return this.#say(words.said.notSent);
    if (!this.#botIsHere) return this.#say(words.said.nobody);
    if (control === "pause") this.#setPaused(!this.#state.paused);
    this.#say(words.said[sent]);
    this.#render();
  }

  #setPaused(paused) {
    this.#state.paused = paused;
    $("moment").firstElementChild.className = `icon icon-${paused ? "play" : "pause"}`;
    $("moment").lastElementChild.textContent = paused ? words.moment.back : words.moment.ask;
  }

  #mute(muted) {
    this.#state.muted = muted;
    this.#microphone.mute(muted);
    this.#sendLevel();
    $("mute").setAttribute("aria-pressed", String(muted));
    $("mute").firstElementChild.className = `icon icon-${muted ? "mic-off" : "mic"}`;
    $("mute").lastElementChild.textContent = muted ? words.mute.off : words.mute.on;
    this.#say(muted ? words.said.muted : words.said.unmuted);
    this.#render();
  }

  async #leave() {
    if (!(await ask(this.#link.role === "candidate" ? words.ask.leave : words.ask.leaveGuest, true))) return;
    this.#line.leave();
    this.#tellByApi();
    this.#finish({ why: "left" });
  }

  async #human() {
    if (await ask(this.#state.mode === "solo" ? words.ask.human : words.ask.humanAmongPeople)) this.#control("human");
  }

  /** The consent is taken back: said at once, and again to a bot that comes later, until the interview has ended. */
  async #withdraw() {
    if (!(await ask(words.ask.withdraw, true))) return;
    this.#storage.setItem(this.#withdrawnSlot, "yes");
    this.#owesWithdrawal = !this.#line.send({ type: "control", control: "withdraw" });
    this.#tellByApi();
    this.#say(this.#owesWithdrawal ? words.said.withdrawLater : words.said.withdraw);
    $("withdraw").hidden = true;
    $("leave").focus();
  }

  /** Without a line to the room the API is told; a page that goes away does so on its way out. */
  #tellByApi() {
    if (!this.#owesWithdrawal) return;
    const path = new URL(`../v1/interviews/${encodeURIComponent(this.#link.interviewId)}/consents/withdraw`, location.href);
    const headers = { Authorization: `Bearer ${this.#link.token}` };
    fetch(path, { method: "POST", keepalive: true, headers }).then(({ ok }) => ok && this.#withdrawalTold(), () => {});
  }

  #withdrawalTold() {
    if (this.#owesWithdrawal) this.#say(words.said.withdraw);
    this.#owesWithdrawal = false;
  }

  #say(text) {
    $("said").textContent = text;
  }

  /** What others did, or what happened by itself. */
  #tell(text) {
    $("news").textContent = text;
  }

  #render() {
    if (!this.#state.ended || this.#state.open) this.#view.render();
  }
}

function ago(time) {
  return Math.max(0, Date.now() - time); // a device's clock may be set back
}
