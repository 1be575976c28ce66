// A new interview, or one that is changed before its call: who, what will be asked, how it is held.

import { words } from "./app-words.js";
import { ask, el } from "./dom.js";
import { complain, plainly, radios, text, tick } from "./fields.js";
import { PlanEditor } from "./plan-editor.js";
import { planSources } from "./plan-sources.js";
import { Refused } from "./server.js";
import { MODES } from "./status.js";

const said = words.compose;
const IN_PLAN = /^plan\.?/;

/** id: of the interview that is changed; without one a new one is made. */
export async function compose(page, id) {
  const { server, signal } = page;
  const path = id && `v1/interviews/${encodeURIComponent(id)}`;
  const [{ data: plans, languages }, there] = await Promise.all([server.get("app/plans"), path ? server.get(path) : null]);
  if (signal.aborted) return;
  const kept = page.takeDraft();
  const draft = kept && (await ask(said.kept)) ? kept : null;
  if (signal.aborted) return;
  new Composer(page, there, plans, named(languages), draft).open();
}

class Composer {
  #page;
  #there;
  #draft;
  #editor = null;
  #sent = false;
  #languages;
  #sources;
  #who;
  #how;
  #planned = el("div", { className: "stack" });
  #remarks = el("div", { className: "notice", dataset: { tone: "bad" }, role: "alert", hidden: true });
  #send = el("button", { className: "primary" });

  /** draft: what was asked for besides, and the plan, when it could not be saved; null if nothing was. */
  constructor(page, there, plans, languages, draft) {
    this.#page = page;
    this.#there = there;
    this.#draft = draft;
    this.#languages = languages;
    this.#who = who(draft ?? there);
    this.#how = how(there, draft ?? there);
    this.#sources = there ? null : planSources(page, plans, languages, (plan) => this.#begin(plan));
    this.#send.textContent = there ? said.save : said.create;
    const { plan } = draft ?? there ?? {};
    if (plan) this.#edit(plan);
  }

  open() {
    const first = JSON.stringify(this.#about());
    const dirty = () => this.#draft !== null || this.#editor?.dirty || JSON.stringify(this.#about()) !== first;
    this.#page.guard(
      () => !this.#sent && dirty(),
      () => ({ ...this.#about(), plan: this.#editor?.sendable ?? null, version: this.#version }),
    );
    this.#page.show(
      el(
        "form",
        { className: "wide stack compose", onsubmit: (event) => (event.preventDefault(), this.#submit()), noValidate: true },
        el("h1", { tabIndex: -1 }, this.#there ? said.edit : said.title),
        card(said.who, el("div", { className: "two" }, this.#who.name.element, this.#who.organisation.element)),
        card(said.what, this.#sources?.element, this.#planned),
        card(said.how, this.#how.element),
        this.#remarks,
        el(
          "p",
          { className: "row end finish" },
          el("a", { className: "button quiet", href: this.#there ? `#/interview/${encodeURIComponent(this.#there.id)}` : "#/" }, said.cancel),
          this.#send,
        ),
      ),
    );
  }

  /** Go on with another plan, unless the one there is has been worked on. */
  async #begin(plan) {
    if (this.#editor?.dirty && !(await ask(said.replace, true))) return false;
    this.#edit(plan);
    return true;
  }

  #edit(plan) {
    this.#editor = new PlanEditor(this.#page, plan, this.#languages);
    this.#planned.replaceChildren(this.#editor.element);
  }

  /** Of the interview as it was when this was begun: a draft does not overwrite what was saved since. */
  get #version() {
    return this.#draft?.version ?? this.#there?.version;
  }

  /** What is asked for besides the plan. */
  #about() {
    return { candidate: { name: this.#who.name.value }, organisation: this.#who.organisation.value, ...this.#how.wanted() };
  }

  async #submit() {
    if (!this.#editor) return this.#refused([{ where: "plan", text: said.noPlan }]);
    const wrong = this.#how.missing();
    if (wrong) return wrong();
    this.#send.disabled = true;
    try {
      await this.#save({ ...this.#about(), plan: this.#editor.sendable });
    } catch (error) {
      if (!(error instanceof Refused) || ![400, 409, 412, 422].includes(error.status)) return this.#page.fail(error);
      if (error.status === 412) this.#tell([said.stale]);
      else if (error.places.length) this.#refused(error.places);
      else this.#tell([error.told]);
    } finally {
      this.#send.disabled = false;
    }
  }

  async #save(wanted) {
    const there = this.#there;
    const { server, toast } = this.#page;
    if (there) {
      const { start, ...rest } = wanted;
      const same = start.policy === there.start.policy && sameTime(start.scheduled_at, there.start.scheduled_at);
      await server.patch(`v1/interviews/${encodeURIComponent(there.id)}`, same ? rest : wanted, this.#version);
    }
    const interview = there ?? (await server.post("v1/interviews", wanted));
    this.#sent = true;
    if (there) toast(said.saved);
    location.hash = `#/interview/${encodeURIComponent(interview.id)}`;
  }

  #refused(places) {
    const ours = places.filter(({ where }) => !IN_PLAN.test(where));
    const plans = places.filter(({ where }) => IN_PLAN.test(where)).map(({ where, text: told }) => ({ where: where.replace(IN_PLAN, ""), text: plainly(told) }));
    if (plans.length && this.#editor) this.#editor.complain(plans);
    const fields = { "candidate.name": this.#who.name, organisation: this.#who.organisation, ...this.#how.fields };
    this.#tell([...complain(ours, fields), ...(this.#editor ? [] : plans.map(({ text: told }) => told))]);
  }

  #tell(sentences) {
    this.#remarks.replaceChildren(el("strong", {}, said.faulty), ...sentences.map((sentence) => el("span", {}, sentence)));
    this.#remarks.hidden = false;
  }
}

const card = (title, ...content) => el("section", { className: "card stack" }, el("h2", {}, title), ...content);

function who(shown) {
  return {
    name: text("candidate", said.candidate, { value: shown?.candidate.name }),
    organisation: text("organisation", said.organisation, { value: shown?.organisation, optional: true, autocomplete: "organization" }),
  };
}

/** there: the interview that is changed, null for a new one; shown: what the fields say at first, null for the usual. */
function how(there, shown) {
  const policies = Object.entries(said.starts).filter(([value]) => !there || value !== "now");
  const at = text("scheduled-at", said.at, { type: "datetime-local", value: local(shown?.start.scheduled_at), hint: said.zone(zone()) });
  const show = (policy) => (at.element.hidden = policy !== "at");
  const start = radios("start", said.start, policies.map(([value, told]) => [value, ...told]), shown?.start.policy ?? "manual", show);
  const mode = radios("mode", said.mode, MODES.map(({ value, text: name, about }) => [value, name, about]), shown?.mode ?? "solo");
  const bot = text("bot-name", said.bot, { value: shown?.bot_name ?? "Viva" });
  const evaluate = tick(said.evaluate, shown?.evaluate_at_end ?? false);
  const review = tick(said.review, shown?.review_plan ?? false);
  const time = () => (at.value ? new Date(at.value).toISOString() : undefined);
  show(start.value());
  return {
    element: el(
      "div",
      { className: "stack" },
      mode.element,
      start.element,
      el("div", { className: "two" }, at.element, bot.element),
      el("div", { className: "stack tight" }, el("p", { className: "label" }, said.more), el("p", { className: "small soft" }, said.recording), evaluate.element, review.element),
    ),
    fields: { "start.scheduled_at": at, start: at, bot_name: bot },
    wanted: () => ({
      mode: mode.value(),
      bot_name: bot.value,
      evaluate_at_end: evaluate.value(),
      review_plan: review.value(),
      start: { policy: start.value(), ...(start.value() === "at" && { scheduled_at: time() }) },
    }),
    missing: () => start.value() === "at" && !(time() > new Date().toISOString()) && (() => at.wrong(time() ? said.past : said.noTime)),
  };
}

/** `[code, name]` of languages, in their readers' own words. */
function named(codes) {
  const names = new Intl.DisplayNames(undefined, { type: "language" });
  return codes.map((code) => [code, names.of(code)]);
}

const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;
const sameTime = (one, other) => (one ? new Date(one).getTime() : null) === (other ? new Date(other).getTime() : null);

/** A moment as a field for local time takes it. */
function local(iso) {
  if (!iso) return "";
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
