// One interview: what is being said, what has been covered, and what there is afterwards.

import { ask, clock, el, icon } from "./dom.js";
import { isCalling, isOver, moment, pill, reasonOf, reportLink } from "./status.js";

const REREAD_MS = 250;
const TELLING = /^(interview\.|state|question\.|recording|ended|participant\.|latency)/;
const FLOORS = {
  listening: (bot) => `${bot} listens`,
  thinking: (bot) => `${bot} is thinking`,
  speaking: (bot) => `${bot} is speaking`,
  waiting: () => "Waiting for the candidate",
};
const OUTCOMES = { pending: "to come", asked: "being asked", answered: "answered", skipped: "skipped", not_reached: "not reached" };

export async function follow(page, id) {
  const { server, signal, show, fail } = page;
  const path = `v1/interviews/${encodeURIComponent(id)}`;
  const view = new View(page, path);
  view.interview(await server.get(path));
  if (signal.aborted) return;
  show(view.element);
  signal.addEventListener("abort", () => view.close());
  let timer = 0;
  const reread = () => {
    clearTimeout(timer);
    timer = setTimeout(() => server.get(path).then((read) => view.interview(read)).catch(fail), REREAD_MS);
  };
  for await (const event of server.events(id, signal, () => view.line("Reconnecting…"))) {
    if (signal.aborted) return;
    view.event(event);
    if (TELLING.test(event.type)) reread();
  }
  if (!signal.aborted) reread();
  view.line("");
}

class View {
  #page;
  #path;
  #head = el("div", { className: "stack tight" });
  #acts = el("div", { className: "row" });
  #line = el("p", { className: "small soft", role: "status" });
  #log = el("ol", { className: "turns", role: "log", "aria-label": "Transcript" });
  #interim = el("p", { className: "interim", "aria-hidden": "true" });
  #aside = el("aside", { className: "stack", "aria-label": "About this interview" });
  #sound = el("div", { className: "stack tight", hidden: true });
  #seen = new Set();
  #shown = "";
  #bot = "";
  #blobUrl = null;

  constructor(page, path) {
    this.#page = page;
    this.#path = path;
    this.element = el(
      "article",
      { className: "wide stack" },
      el("div", { className: "row between" }, this.#head, this.#acts),
      el(
        "div",
        { className: "columns" },
        el(
          "section",
          { className: "card stack said", "aria-label": "What is said" },
          el("div", { className: "row between" }, el("h2", {}, "Transcript"), this.#line),
          el("div", { className: "scroller", tabIndex: 0, role: "group", "aria-label": "Transcript" }, this.#log, this.#interim),
        ),
        this.#aside,
      ),
    );
    this.#empty("Nothing has been said yet.");
  }

  close() {
    if (this.#blobUrl) URL.revokeObjectURL(this.#blobUrl);
  }

  line(text) {
    this.#line.textContent = text;
  }

  // ---- what happens --------------------------------------------------------------------------------------------

  event({ type, data }) {
    if (type === "snapshot") {
      this.interview(data.interview);
      this.line("");
    } else if (type === "floor") this.line(FLOORS[data.floor]?.(this.#bot) ?? "");
    else if (type === "turn.interim") this.#saying(data);
    else if (type === "turn.final") this.#said(data);
  }

  #saying({ speaker, text, stable }) {
    const certain = text.startsWith(stable) ? stable : "";
    this.#keepEnd(() =>
      this.#interim.replaceChildren(el("b", {}, speaker), el("span", { className: "stable" }, certain), text.slice(certain.length)),
    );
  }

  #said({ turn_id: turnId, speaker, role, text, start_ms: startMs, interrupted }) {
    if (this.#seen.has(turnId)) return;
    this.#seen.add(turnId);
    this.#log.querySelector(".empty")?.remove();
    this.#keepEnd(() => {
      if (role !== "bot") this.#interim.replaceChildren();
      this.#log.append(
        el(
          "li",
          { dataset: { role } },
          el("p", { className: "small soft" }, el("b", {}, speaker), ` ${clock(startMs)}`, interrupted && " · interrupted"),
          el("p", {}, text),
        ),
      );
    });
  }

  #keepEnd(change) {
    const box = this.#log.parentElement;
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 80;
    change();
    if (atEnd) box.scrollTop = box.scrollHeight;
  }

  #empty(text) {
    this.#log.replaceChildren(el("li", { className: "empty" }, text));
  }

  // ---- how it stands -------------------------------------------------------------------------------------------

  interview(read) {
    const key = JSON.stringify(read);
    if (key === this.#shown) return;
    this.#shown = key;
    this.#bot = read.bot_name;
    const why = reasonOf(read);
    if (!this.#head.firstChild) this.#head.append(el("h1", { tabIndex: -1 }), el("p", { className: "row" }));
    this.#head.firstChild.textContent = read.candidate.name;
    this.#head.lastChild.replaceChildren(
      pill(read.status),
      ...(why ? [el("span", { className: "small soft" }, why)] : []),
      el("span", { className: "soft" }, [read.title, read.organisation].filter(Boolean).join(" · ")),
    );
    this.#showActs(read);
    this.#aside.replaceChildren(facts(read), coverage(read), ...this.#afterwards(read));
  }

  #showActs(read) {
    const acts = [];
    if (!isOver(read.status)) acts.push(this.#act("copy", "Copy candidate's link", () => this.#copyLink(read)));
    if (read.status === "ready") acts.push(this.#act("play", "Start", () => this.#page.server.post(`${this.#path}/start`), "primary"));
    if (read.status === "ready" || isCalling(read.status)) acts.push(this.#act("leave", "Cancel", () => this.#cancel(), "danger"));
    if (isOver(read.status)) acts.push(reportLink(read, "Report"));
    const focused = document.activeElement?.textContent;
    this.#acts.replaceChildren(...acts);
    acts.find((button) => focused && button.textContent === focused)?.focus();
  }

  #act(sign, label, act, className = "") {
    const button = el("button", { className }, icon(sign), label);
    button.onclick = async () => {
      button.disabled = true;
      try {
        await act();
        this.interview(await this.#page.server.get(this.#path));
      } catch (error) {
        this.#page.fail(error);
      } finally {
        button.disabled = false;
      }
    };
    return button;
  }

  async #copyLink({ candidate }) {
    const participant = `candidate_${this.#path.split("/").at(-1)}`.replaceAll(/[^A-Za-z0-9_-]/g, "").slice(0, 64);
    const body = { role: "candidate", name: candidate.name, participant_id: participant };
    const { url } = await this.#page.server.post(`${this.#path}/links`, body);
    try {
      await navigator.clipboard.writeText(url);
      this.#page.toast("The link is copied. Whoever has it can join as the candidate.");
    } catch {
      this.#showLink(url); // a page that is not secure has no clipboard
    }
  }

  #showLink(url) {
    const shown = el("input", { readOnly: true, value: url, "aria-label": "Candidate's link" });
    this.#acts.append(shown);
    shown.select();
  }

  async #cancel() {
    const yes = { title: "Cancel this interview?", text: `If the candidate is in the call, ${this.#bot} says goodbye first.`, yes: "Cancel the interview", no: "Keep it" };
    if (await ask(yes, true)) await this.#page.server.post(`${this.#path}/cancel`);
  }

  #afterwards(read) {
    return read.recording ? [this.#recording(read.recording)] : [];
  }

  #recording({ duration_ms: durationMs, bytes }) {
    const about = [durationMs && clock(durationMs), `${(bytes / 1e6).toFixed(1)} MB`].filter(Boolean).join(" · ");
    const load = this.#act("play", "Load the recording", () => this.#load());
    this.#sound.hidden = false;
    if (!this.#blobUrl) this.#sound.replaceChildren(load);
    return el("section", { className: "card stack tight" }, el("h2", {}, "Recording"), el("p", { className: "small soft" }, about), this.#sound);
  }

  async #load() {
    this.#blobUrl ??= URL.createObjectURL(await this.#page.server.blob(`${this.#path}/recording`));
    this.#sound.replaceChildren(
      el("audio", { controls: true, src: this.#blobUrl }),
      el("a", { className: "button", href: this.#blobUrl, download: "recording.ogg" }, "Save the file"),
    );
  }
}

function facts(read) {
  const p50 = read.metrics?.response_ms?.p50;
  const lasted = read.started_at && read.ended_at && clock(new Date(read.ended_at) - new Date(read.started_at));
  const rows = [
    ["Created", moment(read.created_at)],
    read.started_at && ["Started", moment(read.started_at)],
    lasted && ["Lasted", lasted],
    read.turn_count && ["Turns", String(read.turn_count)],
    p50 && ["Answers after (median)", `${Math.round(p50)} ms`],
    read.metrics?.incidents && ["Incidents", String(read.metrics.incidents)],
  ].filter(Boolean);
  return el(
    "section",
    { className: "card stack tight" },
    el("h2", {}, "Facts"),
    el("dl", {}, ...rows.flatMap(([name, value]) => [el("dt", { className: "soft" }, name), el("dd", {}, value)])),
  );
}

function coverage(read) {
  return el(
    "section",
    { className: "card stack tight" },
    el("h2", {}, isOver(read.status) ? "Summary" : "Questions"),
    el(
      "ol",
      { className: "coverage" },
      ...read.coverage.map(({ text, status, signals, reason }) =>
        el(
          "li",
          { dataset: { status } },
          el("p", {}, text),
          el(
            "p",
            { className: "small soft" },
            [isOver(read.status) && status === "pending" ? OUTCOMES.not_reached : (OUTCOMES[status] ?? status), reason && reason.replaceAll("_", " "), ...signals.map((signal) => signal.replaceAll("_", " "))]
              .filter(Boolean)
              .join(" · "),
          ),
        ),
      ),
    ),
  );
}
