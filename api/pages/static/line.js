// The signalling line: one WebSocket that comes back by itself. The protocol is in the docstring of `api/room`.

const FINAL = new Set([4400, 4401, 4403, 4404, 4409, 4410]);
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5000;
const OPEN_WITHIN_MS = 6000;
const STEADY_AFTER_MS = 10000;

/** The address of a socket of this server. path: with a query, if it has one. */
export function socketUrl(path) {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

/**
 * Events: `open` (welcome frame in detail), `frame` (every other frame), `lost` ({tries, frame}: it will come back by
 * itself), `closed` ({code, frame}: it will not). frame: the error that the room sent before it closed, or null.
 */
export class Line extends EventTarget {
  #hello;
  #socket = null;
  #timer = 0;
  #tries = 0;
  #steadyTimer = 0;
  #done = false;
  #welcomed = false;
  #lastError = null;

  /** hello: returns the first frame, asked anew for each connection. */
  constructor(hello) {
    super();
    this.#hello = hello;
    addEventListener("offline", () => this.again()); // or the socket would seem open until TCP gives up
    addEventListener("online", () => this.now());
  }

  open() {
    this.#done = false;
    this.#connect();
  }

  /** Return whether it went: nothing does before the welcome, or while the line is down. */
  send(frame) {
    if (!this.#welcomed || this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** Break the line off and say hello again: the one way to recover anything. */
  again() {
    if (this.#done) return;
    this.#drop();
    this.#later();
  }

  /** Try at once if waiting to come back. */
  now() {
    if (this.#done || !this.#timer) return;
    this.#connect();
  }

  /** Leave by choice. */
  leave() {
    this.send({ type: "leave" });
    this.#done = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#steadyTimer);
    this.#socket?.close(1000);
  }

  #connect() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#drop();
    const socket = new WebSocket(socketUrl(`${location.pathname}/signal`));
    this.#socket = socket;
    this.#lastError = null;
    const slow = setTimeout(() => this.again(), OPEN_WITHIN_MS);
    socket.onopen = () => socket.send(JSON.stringify(this.#hello()));
    socket.onmessage = ({ data }) => {
      const frame = JSON.parse(data);
      if (frame.type === "welcome") {
        clearTimeout(slow);
        this.#welcomed = true;
        this.#steadyTimer = setTimeout(() => (this.#tries = 0), STEADY_AFTER_MS);
        this.#tell("open", frame);
        return;
      }
      if (frame.type === "error") this.#lastError = frame;
      this.#tell("frame", frame);
    };
    socket.onclose = ({ code }) => {
      clearTimeout(slow);
      this.#socket = null;
      this.#welcomed = false;
      clearTimeout(this.#steadyTimer);
      if (this.#done) return;
      if (FINAL.has(code)) {
        this.#done = true;
        this.#tell("closed", { code, frame: this.#lastError });
      } else {
        this.#later(this.#lastError);
      }
    };
  }

  #drop() {
    const socket = this.#socket;
    this.#socket = null;
    this.#welcomed = false;
    clearTimeout(this.#steadyTimer);
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(4000, "again");
  }

  #later(frame = null) {
    if (this.#timer) return;
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 1.8 ** this.#tries) * (0.8 + Math.random() * 0.4);
    this.#tries += 1;
    this.#timer = setTimeout(() => this.#connect(), wait);
    this.#tell("lost", { tries: this.#tries, frame });
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
