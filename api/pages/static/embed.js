// A room in a frame: what the page around it is told, and no page of another origin (`api/framing.py`).

const SOURCE = "vivavoce";

export class Embed {
  #origin;

  /** search: of this page's address. Where no frame was signed for, nothing is told to anybody. */
  constructor(search, window) {
    this.#origin = new URLSearchParams(search).get("embed");
    this.framed = window.parent !== window;
    if (!this.#origin || !this.framed) return;
    document.body.dataset.framed = "yes";
    new ResizeObserver(() => this.#height()).observe(document.body);
  }

  /** Whether this address is good for a frame only. */
  get astray() {
    return this.#origin !== null && !this.framed;
  }

  /** type: ready, joined, ended, height. */
  tell(type, about = {}) {
    // The server lets only pages of this origin show the frame, and the browser delivers to no other.
    if (this.#origin && this.framed) window.parent.postMessage({ source: SOURCE, type, ...about }, this.#origin);
  }

  #height() {
    this.tell("height", { height: Math.ceil(document.body.getBoundingClientRect().height) });
  }
}
