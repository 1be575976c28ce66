// Captions: what was said stays in the log, what is being said right now is below it, a line for each who speaks.

import { $, el, unsettled } from "./dom.js";
import { words } from "./words.js";

const KEPT = 400;
const NEAR_END_PX = 60;

export class Captions {
  #me;
  #log = $("captions");
  #interim = $("interim");
  #scroller = $("scroller");
  #atEnd = true; // unless the reader has scrolled back
  #size = "";
  #live = new Map(); // speaker → the line of what they are saying

  /** me: this page's participant id. */
  constructor(me) {
    this.#me = me;
    this.#scroller.addEventListener("scroll", () => this.#scrolled());
    new ResizeObserver(() => this.#resized()).observe(this.#scroller);
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
    const line = this.#live.get(speakerId) ?? el("p", { className: "interim" });
    line.dataset.turn = turnId;
    line.replaceChildren(this.#name(speakerId, speaker), ...unsettled(text, stable));
    this.#live.set(speakerId, line);
    if (!line.isConnected) this.#interim.append(line);
    this.#follow();
  }

  #said({ turn_id: turnId, speaker_id: speakerId, speaker, text }) {
    if (this.#live.get(speakerId)?.dataset.turn === turnId) this.left(speakerId);
    if (!text.trim()) return;
    this.#log.querySelector(".empty")?.remove();
    const mine = speakerId === this.#me;
    this.#log.append(el("li", { dataset: { mine, turn: turnId } }, this.#name(speakerId, speaker), text));
    while (this.#log.childElementCount > KEPT) this.#log.firstElementChild.remove();
    this.#follow();
  }

  /** By the reader, or because the words were laid out anew for another size, which says nothing of what they want. */
  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight, clientWidth } = this.#scroller;
    if (this.#size === `${clientWidth} ${clientHeight}`) this.#atEnd = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  }

  #resized() {
    const { clientHeight, clientWidth } = this.#scroller;
    this.#size = `${clientWidth} ${clientHeight}`;
    this.#follow();
  }

  /** Keep the newest words in sight. */
  #follow() {
    if (this.#atEnd) this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  #name(speakerId, speaker) {
    return speakerId === this.#me ? el("b", { lang: document.documentElement.lang }, words.you) : el("b", {}, speaker);
  }
}
