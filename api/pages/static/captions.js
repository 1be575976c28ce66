// Captions: what was said stays in the log, what is being said right now is below it, a line for each who speaks.

import { $, el } from "./dom.js";
import { words } from "./words.js";

const KEPT = 400;

export class Captions {
  #me;
  #log = $("captions");
  #interim = $("interim");
  #scroller = $("scroller");
  #live = new Map(); // speaker → the line of what they are saying

  /** me: this page's participant id. */
  constructor(me) {
    this.#me = me;
    this.#log.replaceChildren(el("li", { className: "empty", lang: document.documentElement.lang }, words.captionsEmpty));
  }

  /** language: of what is said, which need not be the page's (WCAG 3.1.2). */
  spokenIn(language) {
    this.#log.lang = this.#interim.lang = language;
  }

  show(on) {
    $("captions-panel").hidden = !on;
  }

  take(frame) {
    if (frame.final) this.#said(frame);
    else this.#saying(frame);
  }

  /** What somebody was saying when they left is not going to be finished. */
  left(speakerId) {
    this.#live.get(speakerId)?.remove();
    this.#live.delete(speakerId);
  }

  #saying({ turn_id: turnId, speaker_id: speakerId, speaker, text, stable }) {
    this.#log.querySelector(".empty")?.remove();
    const follow = this.#following();
    const certain = text.startsWith(stable) ? stable : "";
    const line = this.#live.get(speakerId) ?? el("p", { className: "interim" });
    line.dataset.turn = turnId;
    line.replaceChildren(
      this.#name(speakerId, speaker),
      el("span", { className: "stable" }, certain),
      text.slice(certain.length),
    );
    this.#live.set(speakerId, line);
    if (!line.isConnected) this.#interim.append(line);
    follow();
  }

  #said({ turn_id: turnId, speaker_id: speakerId, speaker, text }) {
    const follow = this.#following();
    if (this.#live.get(speakerId)?.dataset.turn === turnId) this.left(speakerId);
    if (!text.trim()) return;
    this.#log.querySelector(".empty")?.remove();
    const mine = speakerId === this.#me;
    this.#log.append(el("li", { dataset: { mine, turn: turnId } }, this.#name(speakerId, speaker), text));
    while (this.#log.childElementCount > KEPT) this.#log.firstElementChild.remove();
    follow();
  }

  /** Return what keeps the newest words in sight, unless the reader has scrolled back. */
  #following() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    const atEnd = scrollHeight - scrollTop - clientHeight < 60;
    return () => atEnd && (this.#scroller.scrollTop = this.#scroller.scrollHeight);
  }

  #name(speakerId, speaker) {
    return speakerId === this.#me ? el("b", { lang: document.documentElement.lang }, words.you) : el("b", {}, speaker);
  }
}
