// Captions: what was said stays in the log, what is being said right now is below it.

import { $, el } from "./dom.js";
import { words } from "./words.js";

const KEPT = 400;

export class Captions {
  #me;
  #log = $("captions");
  #interim = $("interim");
  #current = null;

  /** me: this page's participant id. */
  constructor(me) {
    this.#me = me;
    this.#log.replaceChildren(el("li", { className: "empty" }, words.captionsEmpty));
  }

  show(on) {
    $("captions-panel").hidden = !on;
  }

  take(frame) {
    if (frame.final) this.#final(frame);
    else this.#live(frame);
  }

  #live({ turn_id: turnId, speaker_id: speakerId, speaker, text, stable }) {
    this.#current = turnId;
    const certain = text.startsWith(stable) ? stable : "";
    this.#interim.replaceChildren(
      el("b", {}, this.#name(speakerId, speaker)),
      el("span", { className: "stable" }, certain),
      text.slice(certain.length),
    );
  }

  #final({ turn_id: turnId, speaker_id: speakerId, speaker, text }) {
    if (this.#current === turnId || this.#current === null) {
      this.#interim.replaceChildren();
      this.#current = null;
    }
    if (!text.trim()) return;
    this.#log.querySelector(".empty")?.remove();
    const atEnd = this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight < 60;
    const mine = speakerId === this.#me;
    this.#log.append(el("li", { dataset: { mine, turn: turnId } }, el("b", {}, this.#name(speakerId, speaker)), text));
    while (this.#log.childElementCount > KEPT) this.#log.firstElementChild.remove();
    if (atEnd) this.#log.scrollTop = this.#log.scrollHeight;
  }

  #name(speakerId, speaker) {
    return speakerId === this.#me ? words.you : speaker;
  }
}
