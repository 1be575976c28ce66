// One suggestion at a time: what to ask, what it comes from, and what the interviewer makes of it.

import { el } from "./dom.js";
import { keyed, part, quote, spoken } from "./panel-parts.js";
import { said } from "./panel-words.js";

const LOOK_EVERY_MS = 1000;

export class PanelCard {
  #line;
  #shown = null; // what `suggestion.created` said, with `until` (ms of this page's clock) and the words `chosen`
  #next = null; // one that came while the shown one was in hand
  #editing = false;
  #timer = 0;
  #body = el("div", { className: "card-body" });
  #news = el("p", { className: "only-heard", role: "status" });
  #player = new Audio();
  #quiet = false;
  #idle = ""; // why nothing is suggested, in this mode
  #offered = {};

  /** aloud: whether new cards are read to the interviewer's own ear; sink: the output they are played on. */
  aloud = false;
  sink = "";
  /** Called when a card could not be read aloud. */
  unheard = () => {};

  constructor(line) {
    this.#line = line;
    this.element = part(said.card.title, this.#body, this.#news);
    this.#timer = setInterval(() => this.#tick(), LOOK_EVERY_MS);
    this.#empty();
  }

  /** What single keys do now. */
  get keys() {
    return this.#offered;
  }

  set idle(why) {
    this.#idle = why;
    if (!this.#shown) this.#empty();
  }

  quiet(on) {
    this.#quiet = on;
    if (!this.#shown) this.#empty();
  }

  /** age: how many ms ago it was suggested. */
  created(card, age, replayed) {
    const next = { ...card, until: performance.now() + 1000 * card.expires_in_s - age, chosen: null, gone: null };
    if (this.#editing || (this.#shown && this.#shown.chosen !== null && !replayed)) {
      this.#next = next;
      return;
    }
    this.#shown = next;
    this.#draw();
    if (!replayed) this.#announce(next);
  }

  #announce(card) {
    this.#news.textContent = `${said.card.fresh} ${card.text}`;
    if (this.aloud) this.#hear(card.id);
  }

  expired({ id, reason }) {
    if (this.#next?.id === id) this.#next = null;
    if (this.#shown?.id !== id || this.#shown.chosen !== null) return;
    const why = said.card.gone[reason] ?? said.card.gone.late;
    if (this.#editing) this.#shown.gone = why; // what is being typed stays until it is saved or left
    else this.#leave(why);
  }

  /** What somebody, here or in another window, did with a card. */
  decided({ id, verdict, text }) {
    if (this.#next?.id === id) this.#next = null;
    if (this.#shown?.id !== id) return;
    if (verdict === "accepted" || verdict === "edited") this.#choose(text ?? this.#shown.chosen ?? this.#shown.text);
    else this.#leave("");
  }

  stop() {
    clearInterval(this.#timer);
    this.#player.pause();
    this.#shown = this.#next = null;
    this.#editing = false;
    this.#empty();
  }

  // ---- what the interviewer does -------------------------------------------------------------------------------

  #decide(verdict, text) {
    const { id } = this.#shown;
    if (!this.#line.send({ type: "feedback", id, verdict, ...(text === undefined ? {} : { text }) })) return;
    this.#news.textContent = said.card.done[verdict];
    this.decided({ id, verdict, text });
  }

  #choose(text) {
    if (this.#shown.chosen === text) return;
    this.#shown.chosen = text;
    this.#draw();
  }

  async #hear(id) {
    const blob = await this.#line.speech(id);
    if (!blob) return this.unheard();
    URL.revokeObjectURL(this.#player.src);
    this.#player.src = URL.createObjectURL(blob);
    if (this.#player.setSinkId) await this.#player.setSinkId(this.sink).catch(() => {});
    await this.#player.play().catch(() => this.unheard());
  }

  // ---- what there is to see ------------------------------------------------------------------------------------

  #empty() {
    this.#offered = {};
    const text = this.#idle ? this.#idle : this.#quiet ? said.card.quiet : said.card.none;
    this.#show(el("p", { className: "soft small" }, text));
  }

  #leave(why) {
    this.#editing = false;
    this.#shown = this.#next;
    this.#next = null;
    if (this.#shown) {
      this.#draw();
      this.#announce(this.#shown);
      return;
    }
    this.#empty();
    if (why) this.#body.append(el("p", { className: "soft small" }, why));
  }

  #draw() {
    this.#editing = false;
    const card = this.#shown;
    const words = said.card;
    if (card.chosen !== null) return this.#drawChosen(card);
    const quotes = card.quotes ?? [];
    const use = keyed(words.use, "U", () => this.#decide("accepted"), "primary");
    const edit = keyed(words.edit, "E", () => this.#drawEdit(card));
    const dismiss = keyed(words.dismiss, "D", () => this.#decide("dismissed"));
    this.#show(
      el("p", { className: "card-kind" }, words.kinds[card.kind] ?? card.kind.replaceAll("_", " ")),
      spoken("p", card.text, { className: "card-text" }),
      quotes.length > 0 && el("div", { className: "from" }, el("h4", {}, quotes.length > 1 ? words.from.two : words.from.one), ...quotes.map((one) => quote(one))),
      (card.strong || card.weak) && this.#levels(card),
      el("div", { className: "card-acts" }, use, edit, dismiss),
      el(
        "div",
        { className: "card-left" },
        el("span", { className: "card-bar", "aria-hidden": "true" }, el("span", {})),
        el("span", { className: "small soft" }),
        el("button", { className: "small-button", onclick: () => this.#hear(card.id) }, words.hear),
      ),
    );
    this.#offered = { u: () => use.click(), e: () => edit.click(), d: () => dismiss.click() };
    this.#tick();
  }

  #levels({ strong, weak }) {
    const row = (label, text) => text && [el("dt", {}, label), spoken("dd", text)];
    return el("dl", { className: "levels" }, ...[row(said.card.strong, strong), row(said.card.weak, weak)].filter(Boolean).flat());
  }

  #drawEdit(card) {
    const words = said.card;
    const field = spoken("textarea", "", { id: "card-words", rows: 3, maxLength: 500, value: card.text });
    const save = el("button", { className: "primary", onclick: () => field.value.trim() && this.#decide("edited", field.value.trim()) }, words.save);
    const back = el("button", { onclick: () => (card.gone === null ? this.#draw() : this.#leave(card.gone)) }, words.back);
    this.#show(
      el("div", { className: "field" }, el("label", { for: "card-words" }, words.words), field),
      el("div", { className: "card-acts" }, save, back),
    );
    this.#offered = {};
    this.#editing = true;
    field.focus();
  }

  #drawChosen(card) {
    const words = said.card;
    const asked = keyed(words.asked, "U", () => this.#decide("used"), "primary");
    const away = keyed(words.away, "D", () => this.#leave(""));
    this.#show(
      el("p", { className: "card-kind" }, words.chosen),
      spoken("p", card.chosen, { className: "card-text" }),
      el("div", { className: "card-acts" }, asked, away),
    );
    this.#offered = { u: () => asked.click(), d: () => away.click() };
  }

  /** Put other content into the card; a focus that was in it stays in it. */
  #show(...children) {
    const had = this.#body.contains(document.activeElement);
    this.#body.replaceChildren(...children.filter(Boolean));
    if (had) (this.#body.querySelector("button, textarea") ?? this.#focusable()).focus();
  }

  #focusable() {
    this.element.tabIndex = -1;
    return this.element;
  }

  #tick() {
    const card = this.#shown;
    const place = this.#body.querySelector(".card-left");
    if (!card || card.chosen !== null || !place) return;
    const left = Math.max(0, (card.until - performance.now()) / 1000);
    place.querySelector(".card-bar span").style.setProperty("--left", Math.min(1, left / card.expires_in_s).toFixed(3));
    const text = said.card.left(left);
    const label = place.querySelector(".small");
    if (label.textContent !== text) label.textContent = text;
  }
}
