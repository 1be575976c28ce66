// What a report shows, top to bottom. Texts of the interview are always text, never markup.

import { clock, el, served } from "./dom.js";
import { cards } from "./report-cards.js";
import { coaching } from "./report-coaching.js";
import { decisionForm, overrideForm, reviewForm } from "./report-forms.js";
import { sending } from "./report-kept.js";
import { quoted } from "./report-quote.js";
import { opening, scorecards } from "./report-scorecards.js";
import { timeline } from "./report-timeline.js";
import { words as said } from "./report-words.js";
import { moment, pill, reasonOf } from "./status.js";

const TONES = { strong_yes: "good", yes: "good", mixed: "warn", no: "bad", strong_no: "bad", insufficient_evidence: "" };
const COVERED = { covered: "good", thin: "warn", asked: "warn", not_asked: "" };

/**
 * told: the report as the API tells it; coached, helped: what people learn about how they held it, and what became of the
 * copilot's cards, where the reader may;
 * play(startMs, endMs): plays the recording; act: what forms and buttons do.
 */
export function report(told, { play, act, coached, helped }) {
  const show = { told, act, language: told.language, play: told.recording ? play : null };
  const { facts, assessment } = told;
  return el(
    "article",
    { className: "wide stack report" },
    head(show),
    ...told.receipts.map((one) => gone(one, show)),
    ...(assessment ? judged(show) : [told.awaits_scorecard ? sealed(show) : unjudgedYet(show)]),
    told.scorecards && scorecards(told.scorecards, act),
    ...(facts ? [questions(show), coverage(show)] : []),
    told.timeline.length > 0 && timeline(told.timeline, show.play),
    ...(assessment ? [attention(show), people(show), versions(told)] : [facts && attention(show), people(show)]),
    coached && coaching(coached, { own: false, play: show.play }),
    helped && cards(helped.kinds),
  );
}

/** What has no words of its own here, such as what an engine of somebody else's tells. */
const plain = (name) => {
  const text = name.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
};

const section = (title, ...content) => el("section", { className: "card stack" }, el("h2", {}, title), ...content);

function head({ told, act }) {
  const button = (name, [text, label]) => el("button", { onclick: () => act(name), "aria-label": label }, text);
  return el(
    "header",
    { className: "row between" },
    el(
      "div",
      { className: "stack tight" },
      el("p", { className: "small soft" }, said.head.kind),
      el("h1", { tabIndex: -1 }, told.candidate),
      el("p", { className: "soft" }, [told.title, told.organisation].filter(Boolean).join(" · ")),
      el("p", { className: "row small soft" }, pill(told.status), reasonOf(told), told.imported && said.head.imported, told.started_at && moment(told.started_at)),
    ),
    el("p", { className: "row acts" }, button("save", said.head.save), button("print", said.head.print)),
  );
}

/** What an interviewer sees who has their join link and nothing else. */
export function ownReport(sheet, { coached, helped, act }) {
  return el(
    "article",
    { className: "wide stack report" },
    el(
      "header",
      { className: "stack tight" },
      el("p", { className: "small soft" }, said.head.own),
      el("h1", { tabIndex: -1 }, sheet.candidate),
      el("p", { className: "row small soft" }, sheet.title, pill(sheet.status)),
    ),
    scorecards(sheet, act),
    coached && coaching(coached, { own: true, play: null }),
    helped && cards(helped.kinds),
  );
}

/** What was thrown away, and because of whom. */
function gone({ cause, name, words, said_at: at, purged, id }, { language }) {
  const size = ({ bytes }) => (bytes ? said.gone.size(Math.max(1, Math.round(bytes / 1024))) : "");
  const things = purged.map((one) => `${said.gone.kinds[one.kind]}${size(one)}`);
  return el(
    "p",
    { className: "notice", dataset: { tone: "warn" } },
    el("strong", {}, cause === "objection" ? said.gone.objected(name) : said.gone.tookBack(name)),
    words && el("span", { lang: language }, said.quote(words)),
    el("span", {}, said.gone.thrown(things)),
    el("span", { className: "small soft" }, moment(at), said.gone.receipt(id)),
  );
}

function sealed({ told, act }) {
  return section(
    said.assessment.title,
    el("p", {}, said.assessment.sealed),
    !told.scorecards?.may_rate && opening(act), // who holds it rates it first
  );
}

function unjudgedYet({ told, act }) {
  if (told.status_reason === "consent_declined") return section(said.assessment.title, el("p", {}, said.assessment.declined));
  const over = ["completed", "cancelled", "failed", "no_show"].includes(told.status);
  const button = el("button", { className: "primary" }, told.facts ? said.assessment.again : said.assessment.evaluate);
  button.onclick = () => sending(button, button, () => act("evaluate", undefined, said.assessment.done));
  return section(
    said.assessment.title,
    el("p", {}, told.facts ? said.assessment.notRated : said.assessment.notYet),
    over
      ? el("p", { className: "row" }, button, el("span", { className: "small soft" }, said.assessment.borneOut))
      : el("p", { className: "soft" }, said.assessment.afterwards),
  );
}

// ---- judgement --------------------------------------------------------------------------------------------------------

function judged(show) {
  const { criteria } = show.told.assessment.result;
  const open = criteria.filter((one) => one.level === null);
  return [
    summary(show),
    section(said.criteria.title, el("ul", { className: "criteria" }, ...criteria.map((one) => criterion(one, show)))),
    open.length > 0 &&
      section(
        said.criteria.unjudged,
        el("ul", { className: "plain" }, ...open.map((one) => el("li", {}, el("strong", { lang: show.language }, one.name), said.criteria.unjudgedWhy(unjudged(one)), served("span", one.rationale)))),
      ),
  ];
}

function summary({ told: { assessment }, language }) {
  const { result, effective, overrides } = assessment;
  const named = (ids) => ids.map((id) => result.criteria.find((one) => one.criterion_id === id)?.name ?? id);
  const list = (title, ids) =>
    ids.length > 0 && el("div", { className: "stack tight" }, el("h3", {}, title), el("ul", { className: "plain", lang: language }, ...named(ids).map((name) => el("li", {}, name))));
  return section(
    said.assessment.title,
    el(
      "div",
      { className: "figures" },
      figure(overrides.length ? said.assessment.engine : said.assessment.overall, result, !overrides.length),
      overrides.length > 0 && figure(said.assessment.withPeople, effective, true),
    ),
    el("p", { className: "small soft" }, said.assessment.how(Math.round(100 * effective.scored_weight))),
    effective.capped_by.length > 0 && el("p", {}, said.assessment.capped(named(effective.capped_by))),
    el("div", { className: "two" }, list(said.assessment.strengths, effective.strengths), list(said.assessment.concerns, effective.concerns)),
  );
}

function figure(name, { overall, recommendation }, counts) {
  return el(
    "div",
    { className: "figure", dataset: { counts: String(counts) } },
    el("p", { className: "small soft" }, name),
    el("p", { className: "number" }, overall === null ? said.nothingThere : String(overall), el("span", { className: "small soft" }, ` ${overall === null ? said.noOverall : said.of100}`)),
    recommendation && el("p", {}, toned(recommended(recommendation), TONES[recommendation] ?? "")),
  );
}

const recommended = (name) => said.assessment.recommendations[name] ?? plain(name);

const toned = (text, tone) => el("span", { className: "pill", dataset: { tone } }, text);

function criterion(one, show) {
  const { assessment, anchors } = show.told;
  const { human_override: own } = one;
  const level = own ? own.level : one.level;
  const meant = [...new Set([one.level, level])].map((each) => [each, anchors[one.criterion_id]?.[each]]).filter(([, text]) => text);
  const about = [said.criteria.weight(one.weight), one.required && said.criteria.required(one.min_level), one.spread ? said.criteria.spread(one.spread) : "", ratings(one)];
  const quotes = (numbers) => unique(assessment.evidence.filter(({ number }) => numbers.includes(number)));
  const against = quotes(one.counter_evidence);
  return el(
    "li",
    { className: "criterion stack tight" },
    el("div", { className: "row between" }, el("h3", { lang: show.language }, one.name), meter(level, level === null ? (own ? said.cantJudge : unjudged(one)) : said.levelOf(level))),
    el("p", { className: "small soft" }, about.filter(Boolean).join(" · ")),
    one.needs_human &&
      el("p", { className: "notice", dataset: { tone: "warn" } }, el("strong", {}, said.criteria.needsHuman), served("span", (one.needs_human_reasons ?? []).map(plain).join("; "))),
    own &&
      el(
        "p",
        { className: "notice" },
        el("strong", {}, said.criteria.replaced(own.by, own.level)),
        el("span", {}, own.reason),
        el("span", { className: "small soft" }, said.criteria.enginesOwn(one.level, unjudged(one)), moment(own.at), own.carried_over && said.criteria.carriedOver),
      ),
    ...meant.map(([each, text]) => el("p", {}, el("strong", {}, said.criteria.means(each)), el("span", { lang: show.language }, text))),
    served("p", one.rationale),
    [one.note, leftOut(one)].some(Boolean) && el("p", { className: "small soft" }, one.note && served("span", `${one.note} `), leftOut(one)),
    one.ratings?.length > 0 &&
      el("details", {}, el("summary", {}, said.criteria.eachRating), el("ul", { className: "plain small" }, ...one.ratings.map(({ level, reason }) => el("li", {}, el("strong", {}, level === null ? said.criteria.noLevel : said.level(level)), ": ", served("span", reason))))),
    ...quotes(one.evidence).map((quote) => quoted(quote, show)),
    against.length > 0 && el("p", { className: "small" }, el("strong", {}, said.criteria.against)),
    ...against.map((quote) => quoted(quote, show)),
    overrideForm(one, assessment.id, show.act),
  );
}

/** Several ratings of one criterion, or readings of the rules: their levels, in short. */
function ratings({ ratings: rated = [], readings = [] }) {
  if (rated.length) return said.criteria.ratings(rated.map(({ level }) => level));
  return readings.length ? said.criteria.readings(readings) : "";
}

/** Why a criterion has no level. */
const unjudged = ({ status }) => said.criteria.why[status] ?? plain(status);

const leftOut = ({ quotes_dropped: dropped }) => (dropped ? said.criteria.leftOut(dropped) : "");

/** One quote may show several things; it is shown once. */
function unique(evidence) {
  return [...new Map(evidence.map((one) => [`${one.first_seq}.${one.start_char}`, one])).values()];
}

function meter(level, text) {
  const steps = [1, 2, 3, 4, 5].map((step) => el("span", { className: "step", dataset: { full: String(level !== null && step <= level) } }));
  return el("p", { className: "meter" }, el("span", { className: "steps", "aria-hidden": "true" }, ...steps), el("strong", {}, text));
}

// ---- facts ------------------------------------------------------------------------------------------------------------

function questions(show) {
  const { facts } = show.told;
  return section(
    said.questions.title,
    el(
      "ol",
      { className: "questions" },
      ...facts.result.qa.map((one) =>
        el(
          "li",
          {},
          el(
            "div",
            { className: "stack tight" },
            el("h3", { lang: show.language }, one.question),
            el(
              "p",
              { className: "row small soft" },
              toned(said.questions.outcomes[one.outcome] ?? plain(one.outcome), one.outcome === "answered" ? "good" : ""),
              [reasonOf({ status_reason: one.reason }), one.words ? said.questions.length(one.words, Math.round(one.seconds)) : ""].filter(Boolean).join(" · "),
            ),
            ...one.key_points.map((point) => quoted(point, show)),
          ),
        ),
      ),
    ),
  );
}

function coverage({ told: { facts }, language }) {
  const { coverage: covered, timing } = facts.result;
  const share = timing.talk_ratio === null ? "" : said.coverage.share(Math.round(100 * timing.talk_ratio), clock(timing.candidate_ms), clock(timing.call_ms));
  return section(
    said.coverage.title,
    share && el("p", {}, share),
    el(
      "ul",
      { className: "covered" },
      ...covered.map(({ name, state }) => el("li", { className: "row between" }, el("span", { lang: language }, name), toned(said.coverage.states[state] ?? plain(state), COVERED[state] ?? ""))),
    ),
  );
}

function attention(show) {
  const { assessment, facts } = show.told;
  const result = (assessment ?? facts).result;
  const flags = result.injection_flags ?? [];
  const contradictions = result.contradictions ?? [];
  if (!flags.length && !contradictions.length) return null;
  return section(
    said.attention.title,
    flags.length > 0 && el("p", { className: "small soft" }, said.attention.flags),
    ...flags.map((flag) => quoted(flag, show)),
    ...contradictions.flatMap(({ about, earlier, later }) => [
      el("p", { className: "small soft" }, said.attention.contradiction, served("span", about)),
      quoted(earlier, show),
      quoted(later, show),
    ]),
  );
}

// ---- people -----------------------------------------------------------------------------------------------------------

function people({ told, act }) {
  const reviews = told.assessment?.reviews ?? [];
  const entry = (what, by, at, note) =>
    el("li", {}, el("strong", {}, said.people.said[what] ?? plain(what)), said.people.by(by), moment(at), note && el("p", {}, note));
  return el(
    "div",
    { className: "two" },
    told.assessment &&
      section(
        said.people.review,
        el("p", { className: "small soft" }, said.people.reviewLead),
        reviews.length > 0 && el("ul", { className: "plain" }, ...reviews.map((one) => entry(one.verdict, one.by, one.at, one.note))),
        reviewForm(told.assessment, act),
      ),
    section(
      said.people.decision,
      el("p", { className: "small soft" }, said.people.decisionLead),
      told.decisions.length > 0 && el("ol", { className: "plain" }, ...told.decisions.map((one) => entry(one.decision, one.by, one.at, one.notes))),
      decisionForm(told, act),
    ),
  );
}

function versions({ versions: all, facts, assessment, recording }) {
  const hashes = [facts, assessment].filter(Boolean).flatMap((one) => [
    [one.phase === 1 ? said.versions.facts : said.versions.assessment, said.versions.which(one.id, one.version)],
    [said.versions.engine, `${one.engine} ${one.engine_version}`],
    [said.versions.rubric, one.rubric_hash],
    [said.versions.plan, one.plan_hash],
    [said.versions.transcript, one.transcript_hash],
  ]);
  const { engine } = assessment.result;
  if (engine) hashes.push([said.versions.model, said.versions.raters(engine.model, engine.raters)], ...Object.entries(engine.prompts).map(([name, version]) => [said.versions.prompt(name), String(version)]));
  if (recording) hashes.push([said.versions.recording, recording.sha256]);
  return section(
    said.versions.title,
    el(
      "ol",
      { className: "plain", reversed: true },
      ...all.map((one) =>
        el(
          "li",
          { className: "stack tight" },
          el("p", {}, el("strong", {}, said.versions.version(one.version)), ` · ${one.overall ?? said.noOverall} · ${(one.recommendation ? recommended(one.recommendation) : said.versions.noRecommendation).toLowerCase()} · `, moment(one.created_at), ` · ${one.requested_by}`),
          one.changes.length > 0 && el("ul", { className: "plain small soft" }, ...one.changes.map(({ what, before, after }) => el("li", {}, said.versions.change(said.versions.what[what] ?? what, before, after)))),
        ),
      ),
    ),
    el("details", {}, el("summary", {}, said.versions.provenance), el("dl", { className: "hashes" }, ...hashes.flatMap(([name, value]) => [el("dt", { className: "soft" }, name), el("dd", {}, value)]))),
  );
}
