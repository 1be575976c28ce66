// The recording of a call that is over; the transcript follows it, and each turn can be played from its time.

import { words } from "./app-words.js";
import { clock, el, icon } from "./dom.js";

const said = words.one;

export class Playback {
  element = el("section", { className: "card stack tight", "aria-label": said.recording, hidden: true });
  #page;
  #path;
  #transcript;
  #url = null;
  #sound = el("audio", { controls: true, "aria-label": said.recording });
  #about = el("p", { className: "small soft", role: "status" });
  #room = el("div", { className: "row playback" });

  constructor(page, path, transcript) {
    this.#page = page;
    this.#path = path;
    this.#transcript = transcript;
    const load = el("button", { type: "button", onclick: () => this.#load(load) }, icon("play"), said.load);
    this.#room.append(load);
    this.#sound.addEventListener("timeupdate", () => transcript.heard(1000 * this.#sound.currentTime));
    this.#sound.addEventListener("error", () => (this.#about.textContent = said.unplayable));
    this.element.append(el("div", { className: "row between" }, el("h2", {}, said.recording), this.#about), this.#room);
  }

  interview({ recording }) {
    this.element.hidden = !recording;
    if (recording && !this.#url) this.#about.textContent = [recording.duration_ms && clock(recording.duration_ms), `${(recording.bytes / 1e6).toFixed(1)} MB`].filter(Boolean).join(" · ");
  }

  /** Plays from a moment of the call; null until the recording is here. */
  get play() {
    return this.#url && this.#playFrom;
  }

  close() {
    if (this.#url) URL.revokeObjectURL(this.#url);
  }

  async #load(button) {
    button.disabled = true;
    try {
      this.#url = URL.createObjectURL(await this.#page.server.blob(`${this.#path}/recording`));
    } catch (error) {
      button.disabled = false;
      return this.#page.fail(error);
    }
    this.#sound.src = this.#url;
    this.#room.replaceChildren(this.#sound, el("a", { className: "button", href: this.#url, download: "recording.ogg" }, said.save));
    this.#sound.focus();
    this.#transcript.playable(this.#playFrom);
  }

  #playFrom = async (ms) => {
    this.#sound.currentTime = ms / 1000;
    try {
      await this.#sound.play();
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      this.#about.textContent = said.unplayable;
    }
  };
}
