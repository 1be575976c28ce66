// Plays moments of the recording. It is fetched once, when it is first asked for; its times are those of the call.

import { $, clock } from "./dom.js";

const AFTER_S = 0.4; // a word's end is seldom where its turn ends

export class Player {
  #load;
  #fail;
  #attempt = null;
  #url = null;
  #until = null;

  /** load: returns the recording of an attempt as a blob; fail: is told what went wrong. */
  constructor(load, fail) {
    this.#load = load;
    this.#fail = fail;
    const sound = $("sound");
    sound.addEventListener("timeupdate", () => {
      if (this.#until === null || sound.currentTime < this.#until) return;
      sound.pause();
      this.#until = null;
    });
    sound.addEventListener("seeking", () => {
      if (this.#until !== null && sound.currentTime > this.#until) this.#until = null;
    });
  }

  /** Which recording it is; without one there is nothing to play. */
  about({ recording, attempt }) {
    this.#attempt = attempt;
    $("player").hidden = !recording;
    if (recording && !this.#url) $("player-line").textContent = "Choose a quote, or a place in the timeline, to hear it.";
  }

  /** Play from `startMs` to `endMs`, both of the call. */
  play = async (startMs, endMs) => {
    try {
      await this.#ready();
      const sound = $("sound");
      this.#until = null;
      sound.currentTime = startMs / 1000;
      this.#until = endMs === undefined ? null : endMs / 1000 + AFTER_S;
      $("player-line").textContent = `From ${clock(startMs)}${endMs === undefined ? "" : ` to ${clock(endMs)}`}`;
      await sound.play();
    } catch (error) {
      if (error instanceof DOMException) $("player-line").textContent = "This recording can't be played here.";
      else this.#fail(error);
    }
  };

  async #ready() {
    if (this.#url) return;
    $("player-line").textContent = "Fetching the recording…";
    this.#url = URL.createObjectURL(await this.#load(this.#attempt));
    const sound = $("sound");
    await new Promise((resolve, reject) => {
      sound.addEventListener("loadedmetadata", resolve, { once: true });
      sound.addEventListener("error", () => reject(new DOMException("unplayable")), { once: true });
      sound.src = this.#url;
    });
  }
}
