// The interviewer's private line: a ticket, a socket, and both anew whenever the line breaks (`api/copilot/socket.py`).

import { socketUrl } from "./line.js";
import { Refused, Server } from "./server.js";

const WAITS_MS = [300, 800, 2000, 5000];
const STEADY_AFTER_MS = 10000;
const REFUSALS = { 401: "expired", 403: "removed", 404: "gone" };

/**
 * Events: `open` (snapshot in detail), `frame` ({frame, replayed}: one thing on the line), `lost` (it comes back by
 * itself), `closed` ({why: "expired" | "removed" | "gone" | "over"}: it does not), `unsent` (a frame found no line).
 */
export class PanelLine extends EventTarget {
  #path;
  #server;
  #socket = null;
  #seq = 0;
  #past = 0;
  #tries = 0;
  #timer = 0;
  #steady = 0;
  #done = false;
  #entered = false;

  /** path: of the interview's copilot below this server; token: of the interviewer's join link. */
  constructor(path, token) {
    super();
    this.#path = path;
    this.#server = new Server(token, path);
    addEventListener("offline", () => this.#again()); // or the socket would seem open until TCP gives up
    addEventListener("online", () => this.#timer && this.open());
  }

  get up() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  async open() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    if (this.#done) return;
    let ticket;
    try {
      ({ ticket } = await this.#server.post("/tickets"));
    } catch (error) {
      const why = error instanceof Refused && REFUSALS[error.status];
      return why ? this.#close(why) : this.#later();
    }
    if (!this.#done) this.#connect(ticket);
  }

  /** Send a frame; returns whether there was a line to send it on, and says `unsent` where there was none. */
  send(frame) {
    const { up } = this;
    if (up) this.#socket.send(JSON.stringify(frame));
    else this.#tell("unsent");
    return up;
  }

  /** A card read aloud, as a blob; null where there is none to be had. */
  speech = (id) => this.#server.blob(`/cards/${encodeURIComponent(id)}/speech`).catch(() => null);

  leave() {
    this.#done = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#steady);
    this.#socket?.close(1000);
  }

  #connect(ticket) {
    const socket = new WebSocket(socketUrl(`${this.#path}?after=${this.#seq}`));
    this.#socket?.close(4000, "again"); // a ticket was fetched twice while the network came and went
    this.#socket = socket;
    this.#entered = false; // until the snapshot comes, an error is why the socket is about to be closed
    socket.onopen = () => socket.send(JSON.stringify({ ticket }));
    socket.onmessage = ({ data }) => this.#socket === socket && this.#take(JSON.parse(data));
    socket.onclose = ({ code }) => {
      if (this.#done || this.#socket !== socket) return;
      clearTimeout(this.#steady);
      if (code === 4403) this.#close("removed");
      else if (code === 4404) this.#close("gone");
      else this.#later(); // a ticket that was used or is too old, too: the next one is new
    };
  }

  #take(frame) {
    if (frame.type === "snapshot") {
      this.#past = frame.data.last_seq;
      this.#entered = true;
      this.#steady = setTimeout(() => (this.#tries = 0), STEADY_AFTER_MS);
      this.#tell("open", frame.data.interview);
    } else if (frame.type === "stream.end" && frame.data.reason === "interview_over") {
      this.#close("over");
    } else if (this.#entered) {
      if (frame.seq) this.#seq = frame.seq;
      this.#tell("frame", { frame, replayed: frame.seq !== null && frame.seq <= this.#past });
    }
  }

  #again() {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(4000, "again");
    this.#later();
  }

  #later() {
    if (this.#done || this.#timer) return;
    const wait = WAITS_MS[Math.min(this.#tries, WAITS_MS.length - 1)];
    this.#tries += 1;
    this.#timer = setTimeout(() => this.open(), wait * (0.8 + Math.random() * 0.4));
    this.#tell("lost");
  }

  #close(why) {
    this.leave();
    this.#tell("closed", { why });
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
