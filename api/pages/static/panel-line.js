// The interviewer's private line: a ticket, a socket, and both anew whenever the line breaks (`api/copilot/socket.py`).

const WAITS_MS = [300, 800, 2000, 5000];
const STEADY_AFTER_MS = 10000;
const REFUSALS = { 401: "expired", 403: "removed", 404: "gone" };

/**
 * Events: `open` (snapshot in detail), `frame` ({frame, replayed}: one thing on the line), `lost` (it comes back by
 * itself), `closed` ({why: "expired" | "removed" | "gone" | "over"}: it does not).
 */
export class PanelLine extends EventTarget {
  #path;
  #token;
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
    this.#token = token;
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
    let answer;
    try {
      answer = await fetch(`${this.#path}/tickets`, { method: "POST", headers: this.#headers(), cache: "no-store" });
    } catch {
      return this.#later();
    }
    if (answer.status in REFUSALS) return this.#close(REFUSALS[answer.status]);
    if (!answer.ok) return this.#later();
    const { ticket } = await answer.json();
    if (!this.#done) this.#connect(ticket);
  }

  /** Send a frame; returns whether there was a line to send it on. */
  send(frame) {
    if (!this.up) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** A card read aloud, as a blob; null where there is none to be had. */
  async speech(id) {
    try {
      const path = `${this.#path}/cards/${encodeURIComponent(id)}/speech`;
      const answer = await fetch(path, { headers: this.#headers(), cache: "no-store" });
      return answer.ok ? await answer.blob() : null;
    } catch {
      return null;
    }
  }

  leave() {
    this.#done = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#steady);
    this.#socket?.close(1000);
  }

  #connect(ticket) {
    const url = new URL(`${this.#path}?after=${this.#seq}`, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(url.href);
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

  #headers() {
    return { Authorization: `Bearer ${this.#token}` };
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
