// One interview: its plan and people before, what is being said meanwhile, and what there is afterwards.

import { words } from "./app-words.js";
import { ask, clock, el, icon, later, refill } from "./dom.js";
import { Lead } from "./live-lead.js";
import { coverage, latency } from "./live-pictures.js";
import { Transcript } from "./live-transcript.js";
import { People } from "./people.js";
import { questionsOf } from "./plan-model.js";
import { Playback } from "./playback.js";
import { timeline } from "./report-timeline.js";
import { isCalling, isOver, isToCome, moment, pill, reasonOf, reportLink } from "./status.js";

const REREAD_MS = 250;
const REDRAW_MS = 400;
const TELLING = /^(interview\.|state|question\.|recording|ended|participant\.|latency|mode\.)/;
const said = words.one;

export async function follow(page, id) {
  const { server, signal, show, fail } = page;
  const path = `v1/interviews/${encodeURIComponent(id)}`;
  const view = new View(page, path);
  view.interview(await server.get(path));
  if (signal.aborted) return;
  show(view.element);
  signal.addEventListener("abort", () => view.close());
  const read = () => server.get(path).then((told) => view.interview(told)).catch((error) => signal.aborted || fail(error));
  const reread = later(read, REREAD_MS);
  for await (const event of server.events(id, signal, () => view.line(said.reconnecting, "warn"))) {
    if (signal.aborted) return;
    view.event(event);
    if (TELLING.test(event.type)) reread();
  }
  if (signal.aborted) return;
  reread();
  view.line("");
}

class View {
  #page;
  #path;
  #head = el("div", { className: "stack tight" });
  #acts = el("div", { className: "row" });
  #notice = el("div", { className: "notice", role: "status", hidden: true });
  #line = el("p", { className: "small soft", role: "status" });
  #transcript = new Transcript();
  #spoken = el("section", { className: "card stack said", "aria-label": said.transcript });
  #times = el("div", { hidden: true });
  #plan = el("section", { className: "card stack", "aria-label": said.plan });
  #covered = el("section", { className: "card stack tight", "aria-label": said.coverage });
  #waits = el("section", { className: "card stack tight", "aria-label": said.latency, hidden: true });
  #facts = el("section", { className: "card stack tight", "aria-label": said.facts });
  #decision = el("section", { className: "card stack tight", "aria-label": said.decision, hidden: true });
  #people;
  #lead;
  #playback;
  #answers = [];
  #shown = "";
  #bot = "";
  #drawn = later(() => this.#draw(), REDRAW_MS);

  constructor(page, path) {
    this.#page = page;
    this.#path = path;
    this.#people = new People(page, path);
    this.#lead = new Lead(page, path);
    this.#playback = new Playback(page, path, this.#transcript);
    this.#spoken.append(el("div", { className: "row between" }, el("h2", {}, said.transcript), this.#line), this.#transcript.element);
    this.element = el(
      "article",
      { className: "wide stack" },
      el("header", { className: "row between one-head" }, this.#head, this.#acts),
      this.#notice,
      el(
        "div",
        { className: "columns" },
        el("div", { className: "stack" }, this.#playback.element, this.#spoken, this.#times, this.#plan),
        el("aside", { className: "stack", "aria-label": said.facts }, this.#lead.element, this.#people.element, this.#decision, this.#covered, this.#waits, this.#facts),
      ),
    );
  }

  close() {
    this.#playback.close();
    this.#drawn.never();
  }

  line(text, tone = "") {
    this.#line.textContent = text;
    this.#line.dataset.tone = tone;
  }

  // ---- what happens --------------------------------------------------------------------------------------------

  event({ type, data }) {
    if (type === "snapshot") {
      this.interview(data.interview);
      this.line("");
    } else if (type === "floor") this.line(said.floors[data.floor]?.(this.#bot) ?? "");
    else if (type === "floor.changed") this.#lead.floor(data);
    else if (type === "mode.changed") this.#lead.mode(data);
    else if (type === "turn.interim") this.#transcript.saying(data);
    else if (type === "turn.final") {
      this.#transcript.said(data);
      this.#drawn();
    } else if (type === "latency" && Number.isFinite(data.total_ms)) {
      this.#answers.push(data.total_ms);
      this.#drawn();
    }
  }

  /** Pictures of what has been said; seldom, as each takes a while. */
  #draw() {
    const { turns } = this.#transcript;
    this.#times.hidden = turns.length === 0;
    if (turns.length) {
      const open = this.#times.querySelector("details")?.open ?? false;
      refill(this.#times, [timeline(turns, this.#playback.play)]);
      this.#times.querySelector("details").open = open;
    }
    this.#waits.hidden = this.#answers.length === 0;
    if (this.#answers.length) this.#waits.replaceChildren(el("h2", {}, said.latency), latency(this.#answers));
  }

  // ---- how it stands -------------------------------------------------------------------------------------------

  interview(read) {
    const key = JSON.stringify(read);
    if (key === this.#shown) return;
    this.#shown = key;
    this.#bot = read.bot_name;
    this.#transcript.language = read.language;
    const { status } = read;
    const told = said.notices[status]?.(read.bot_name);
    this.#notice.hidden = !told;
    this.#notice.dataset.tone = status === "reconnecting" ? "warn" : "";
    if (told) this.#notice.replaceChildren(el("strong", {}, told[0]), el("span", {}, told[1]));
    this.#showHead(read);
    this.#showActs(read);
    this.#people.interview(read);
    this.#lead.interview(read);
    this.#playback.interview(read);
    this.#spoken.hidden = isToCome(status) && read.turn_count === 0;
    this.#plan.hidden = !isToCome(status);
    this.#plan.replaceChildren(...(this.#plan.hidden ? [] : overview(read)));
    this.#covered.hidden = isToCome(status);
    const open = this.#covered.querySelector("details")?.open;
    refill(this.#covered, coverage(read, open));
    this.#facts.replaceChildren(...facts(read));
    if (isOver(status)) this.#showDecision(read);
    this.#decision.hidden = !isOver(status);
  }

  #showHead(read) {
    const why = reasonOf(read);
    if (!this.#head.firstChild) this.#head.append(el("h1", { tabIndex: -1 }), el("p", { className: "row" }));
    this.#head.firstChild.textContent = read.candidate.name;
    this.#head.lastChild.replaceChildren(
      pill(read.status),
      ...(why ? [el("span", { className: "small soft" }, why)] : []),
      el("span", { className: "soft" }, [read.title, read.organisation, words.modes[read.mode]?.[0]].filter(Boolean).join(" · ")),
    );
  }

  #showActs(read) {
    const acts = this.#possible(read);
    refill(this.#acts, acts, acts[0] ?? this.#head.firstChild);
  }

  #possible(read) {
    const { status, id } = read;
    const { server } = this.#page;
    const does = (what, body) => () => server.post(`${this.#path}/${what}`, body);
    const sure = (question, act, danger) => async () => (await ask(question, danger)) && act();
    const edit = () => el("a", { className: "button", href: `#/interview/${encodeURIComponent(id)}/edit` }, icon("edit"), said.edit);
    if (isCalling(status))
      return [
        this.#act("repeat", said.rejoin, sure(said.sure.rejoin(read.bot_name), does("rejoin"), true)),
        this.#act("leave", said.stop, sure(said.sure.stop(read.bot_name), does("cancel"), true), "danger"),
      ];
    if (isToCome(status)) {
      const cancel = this.#act("remove", said.cancel, sure(said.sure.cancel(), does("cancel"), true), "danger");
      const begin = sure(said.sure.start(read.bot_name, read.candidate.name), does("start"));
      if (status === "plan_review") return [cancel, edit(), this.#act("check", said.approve, does("plan/approve"), "primary")];
      return [cancel, edit(), this.#act("play", status === "scheduled" ? said.startNow : said.start, begin, "primary")];
    }
    const again = ["completed", "cancelled", "failed", "no_show", "expired"].includes(status) && (read.attempt?.number ?? 0) < read.max_attempts;
    return [
      ...(again ? [this.#act("repeat", said.another, sure(said.sure.another(), does("attempts")))] : []),
      ...(isOver(status) ? [reportLink(read, said.report, "button strong")] : []),
    ];
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

  async #showDecision(read) {
    try {
      const { data } = await this.#page.server.get(`${this.#path}/decisions`);
      const [newest] = data;
      const told = newest
        ? el("p", {}, el("strong", {}, words.decisions[newest.decision] ?? newest.decision), said.decidedBy(newest.by), moment(newest.at))
        : el("p", { className: "soft" }, said.undecided);
      refill(this.#decision, [el("h2", {}, said.decision), told, el("p", {}, reportLink(read, said.decide, ""))]);
    } catch (error) {
      if (!this.#page.signal.aborted) this.#page.fail(error);
    }
  }
}

/** The plan as it is read: sections, and what is asked in each. */
function overview({ plan, language }) {
  let before = 0;
  const start = ({ questions: own }) => (before += own.length) - own.length + 1;
  const one = ({ text, minutes, priority }) => el("li", {}, el("p", { lang: language }, text), el("p", { className: "small soft" }, [said.minutes(minutes), priority === "optional" && words.optional].filter(Boolean).join(" · ")));
  return [
    el("div", { className: "row between" }, el("h2", {}, said.plan), el("span", { className: "small soft" }, said.planAbout(questionsOf(plan).length, plan.minutes))),
    ...plan.sections.map((section) => el("div", { className: "stack tight" }, el("h3", { className: "asked-in", lang: language }, section.name), el("ol", { className: "asked", start: start(section) }, ...section.questions.map(one)))),
  ];
}

function facts(read) {
  const { metrics, attempt, start } = read;
  const lasted = read.started_at && read.ended_at && clock(new Date(read.ended_at) - new Date(read.started_at));
  const rows = [
    [said.created, moment(read.created_at)],
    isToCome(read.status) && [said.starts, start.scheduled_at ? moment(start.scheduled_at) : said.startsWhen[start.policy]],
    read.started_at && [said.started, moment(read.started_at)],
    lasted && [said.lasted, lasted],
    read.turn_count > 0 && [said.turns, String(read.turn_count)],
    read.max_attempts > 1 && attempt && [said.attempts, said.attemptOf(attempt.number, read.max_attempts)],
    metrics?.barge_ins > 0 && [said.bargeIns, String(metrics.barge_ins)],
    metrics?.incidents > 0 && [said.incidents, String(metrics.incidents)],
  ].filter(Boolean);
  return [el("h2", {}, said.facts), el("dl", {}, ...rows.flatMap(([name, value]) => [el("dt", { className: "soft" }, name), el("dd", {}, value)]))];
}
