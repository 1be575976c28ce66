// A page that was asleep (a phone in a pocket, a frozen tab, a lid that was shut) learns of it when it wakes.

const LOOK_EVERY_MS = 2000;
const ASLEEP_AFTER_MS = 20000; // timers of a tab in the background come late, but not that late

/** Event `woke` ({ms}): nothing of this page ran for so long, give or take a look; its connections may be gone. */
export class Awake extends EventTarget {
  #seen = Date.now();
  #timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
  #woke = () => this.#look(true);
  #shown = (event) => event.persisted && this.#look(true);

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

  /** woke: whether the browser says so; else the clock does. */
  #look(woke = false) {
    const ms = Math.max(0, Date.now() - this.#seen); // a device's clock may be set back
    this.#seen = Date.now();
    if (woke || ms > ASLEEP_AFTER_MS) this.dispatchEvent(new CustomEvent("woke", { detail: { ms } }));
  }
}
