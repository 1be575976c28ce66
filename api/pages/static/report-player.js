// Plays moments of the recording. It is fetched once, when it is first asked for; its times are those of the call.

import { $, clock } from "./dom.js";
import { words } from "./report-words.js";

const said = words.player;
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
    if (recording && !this.#url) $("player-line").textContent = said.choose;
  }

  /** Play from `startMs` to `endMs`, both of the call. */
  play = async (startMs, endMs) => {
    try {
      await this.#ready();
      const sound = $("sound");
      this.#until = null;
      sound.currentTime = startMs / 1000;
      this.#until = endMs === undefined ? null : endMs / 1000 + AFTER_S;
      $("player-line").textContent = said.from(clock(startMs), endMs === undefined ? "" : clock(endMs));
      await sound.play();
    } catch (error) {
      if (error instanceof DOMException) $("player-line").textContent = said.unplayable;
      else this.#fail(error);
    }
  };

  async #ready() {
    if (this.#url) return;
    $("player-line").textContent = said.fetching;
    this.#url = URL.createObjectURL(await this.#load(this.#attempt));
    const sound = $("sound");
    await new Promise((resolve, reject) => {
      sound.addEventListener("loadedmetadata", resolve, { once: true });
      sound.addEventListener("error", () => reject(new DOMException("unplayable")), { once: true });
      sound.src = this.#url;
    });
  }
}
