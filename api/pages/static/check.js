// The device check: a microphone that hears, a speaker that is heard, and help where there is neither.

import { $, el } from "./dom.js";
import { words } from "./words.js";

const HEARD_ABOVE = 0.45; // of the meter: speech at a normal distance is well over it, a quiet room well under
const HEARD_FOR_MS = 250;
const QUIET_AFTER_MS = 6000;
const LOOK_EVERY_MS = 50;

export class Check {
  #link;
  #microphone;
  #ears;
  #timer = 0;
  #loudMs = 0;
  #since = 0;
  #done = new AbortController();

  constructor(link, microphone, ears) {
    this.#link = link;
    this.#microphone = microphone;
    this.#ears = ears;
  }

  /** Run the check; resolves to whether there is a microphone. */
  run(card) {
    $("check-lead").textContent = (words.check.lead[this.#link.role] ?? words.check.lead.candidate)(card, this.#link.name);
    $("mic-start").onclick = () => this.#turnOn();
    $("mic-choice").onchange = ({ target }) => this.#turnOn(target.value);
    $("tone").onclick = () => this.#playTone();
    this.#microphone.addEventListener("change", () => this.#changed(), { signal: this.#done.signal });
    if (this.#microphone.track) this.#changed();
    return new Promise((done) => {
      $("check-done").onclick = () => this.#finish(done, true);
      $("check-without").onclick = () => this.#finish(done, false);
    });
  }

  #finish(done, withMicrophone) {
    this.#done.abort();
    clearInterval(this.#timer);
    done(withMicrophone);
  }

  async #turnOn(deviceId) {
    $("mic-start").disabled = true;
    try {
      await this.#microphone.open(deviceId);
      $("mic-help").hidden = true;
    } catch (error) {
      this.#help(error);
    } finally {
      $("mic-start").disabled = false;
    }
  }

  async #changed() {
    const { stream, deviceId } = this.#microphone;
    clearInterval(this.#timer);
    $("mic-start-row").hidden = Boolean(stream);
    $("mic-panel").hidden = !stream;
    $("check-done").disabled = !stream;
    if (!stream) {
      this.#explain({ title: words.check.unplugged, steps: [] });
      return;
    }
    $("mic-help").hidden = true;
    $("check-without").hidden = true;
    const choices = await this.#microphone.choices();
    if (this.#done.signal.aborted) return;
    $("mic-choice").replaceChildren(
      ...choices.map(({ id, label }) => el("option", { value: id, selected: id === deviceId }, label)),
    );
    this.#ears.listen("me", stream);
    this.#loudMs = 0;
    this.#since = performance.now();
    $("meter-said").textContent = "";
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  #look() {
    const level = this.#ears.level("me");
    $("meter-bar").style.setProperty("--level", level.toFixed(3));
    $("meter").setAttribute("aria-valuenow", String(Math.round(level * 100)));
    if (level > HEARD_ABOVE) this.#loudMs += LOOK_EVERY_MS;
    const waited = performance.now() - this.#since;
    let said = "";
    if (this.#loudMs >= HEARD_FOR_MS) said = words.check.hears;
    else if (waited > QUIET_AFTER_MS) said = words.check.quiet;
    if (said && $("meter-said").textContent !== said) $("meter-said").textContent = said;
  }

  async #playTone() {
    $("tone").disabled = true;
    $("tone-said").textContent = words.check.toneAsk;
    await this.#ears.playTest();
    $("tone-said").textContent = words.check.toneDone;
    $("tone").disabled = false;
  }

  #help(error) {
    const guest = this.#link.role !== "candidate";
    const missing = guest ? words.check.missingGuest : words.check.missing;
    const known = {
      NotAllowedError: words.check.denied,
      SecurityError: words.check.insecure,
      NotFoundError: missing,
      OverconstrainedError: missing,
      NotReadableError: words.check.busy,
      AbortError: words.check.busy,
    };
    this.#explain(known[error.name] ?? words.check.busy);
    $("mic-start").lastChild.textContent = words.check.retry;
    $("mic-start-row").hidden = false;
    $("check-without").hidden = !guest;
  }

  #explain({ title, steps }) {
    const help = $("mic-help");
    help.dataset.tone = "warn";
    help.replaceChildren(
      el("strong", {}, title),
      ...(steps.length ? [el("ul", {}, ...steps.map((step) => el("li", {}, step)))] : []),
    );
    help.hidden = false;
  }
}
