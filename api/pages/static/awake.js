// A page that was asleep (a phone in a pocket, a frozen tab, a lid that was shut) learns of it when it wakes.

const LOOK_EVERY_MS = 2000;
const ASLEEP_AFTER_MS = 20000; // timers of a tab in the background come late, but not that late

/** Event `woke`: nothing of this page ran for a while; what it was connected to may be gone. */
export class Awake extends EventTarget {
  #seen = Date.now();
  #timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
  #woke = () => this.#tell();
  #shown = (event) => event.persisted && this.#tell();

  constructor() {
    super();
    document.addEventListener("resume", this.#woke);
    addEventListener("pageshow", this.#shown);
  }

  stop() {
    clearInterval(this.#timer);
    document.removeEventListener("resume", this.#woke);
    removeEventListener("pageshow", this.#shown);
  }

  #look() {
    const asleep = Date.now() - this.#seen > ASLEEP_AFTER_MS;
    this.#seen = Date.now();
    if (asleep) this.#tell();
  }

  #tell() {
    this.#seen = Date.now();
    this.dispatchEvent(new Event("woke"));
  }
}
