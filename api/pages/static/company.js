// Who comes and goes, as short news: a line that breaks and is back at once is none.

import { words } from "./words.js";

const BACK_WITHIN_MS = 5000;

export class Company {
  #say;
  #here = new Map(); // participant → how they are called
  #dropping = new Map(); // participant → the timer that tells of it

  /** say: takes one sentence of news. */
  constructor(say) {
    this.#say = say;
  }

  /** Everybody whom a newcomer finds, or who is still there when a line is back. */
  found(peers) {
    for (const peer of peers) this.#arrived(peer);
  }

  joined(peer) {
    const dropped = this.#here.get(peer.participant_id)?.dropped;
    const known = this.#here.has(peer.participant_id);
    this.#arrived(peer);
    if (peer.role === "bot" || (known && !dropped)) return;
    const said = dropped ? words.news.back : words.news.joined;
    this.#say(said(peer.name, words.roles[peer.role]));
  }

  left({ participant_id: id, dropped }) {
    const who = this.#here.get(id);
    if (!who || who.role === "bot") return;
    const tell = () => {
      this.#dropping.delete(id);
      if (dropped) who.dropped = true;
      else this.#here.delete(id);
      this.#say((dropped ? words.news.dropped : words.news.left)(who.name, words.roles[who.role]));
    };
    this.#settle(id);
    if (dropped) this.#dropping.set(id, setTimeout(tell, BACK_WITHIN_MS));
    else tell();
  }

  #arrived({ participant_id: id, name, role }) {
    this.#settle(id);
    this.#here.set(id, { name, role, dropped: false });
  }

  #settle(id) {
    clearTimeout(this.#dropping.get(id));
    this.#dropping.delete(id);
  }
}
