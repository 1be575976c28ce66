// What a report shows, top to bottom. Texts of the interview are always text, never markup.

import { clock, el, icon } from "./dom.js";
import { coaching } from "./report-coaching.js";
import { decisionForm, overrideForm, reviewForm } from "./report-forms.js";
import { opening, scorecards } from "./report-scorecards.js";
import { timeline } from "./report-timeline.js";
import { moment, pill, reasonOf } from "./status.js";

const TONES = { strong_yes: "good", yes: "good", mixed: "warn", no: "bad", strong_no: "bad", insufficient_evidence: "" };
const UNJUDGED = { insufficient_evidence: "Not enough evidence", not_asked: "Not asked" };
const COVERED = { covered: ["Covered", "good"], thin: ["Little was said", "warn"], asked: ["Asked, not answered", "warn"], not_asked: ["Not asked", ""] };
const OUTCOMES = { answered: "Answered", skipped: "Skipped", not_reached: "Not reached", asked: "Asked, not answered", pending: "Not reached" };

/**
 * told: the report as the API tells it; coached: what people learn about how they held it, where the reader may;
 * play(startMs, endMs): plays the recording; act: what forms and buttons do.
 */
export function report(told, { play, act, coached }) {
  const show = { told, act, play: told.recording ? play : null };
  const { facts, assessment } = told;
  return el(
    "article",
    { className: "wide stack report" },
    head(show),
    ...told.receipts.map(gone),
    ...(assessment ? judged(show) : [told.awaits_scorecard ? sealed(show) : unjudgedYet(show)]),
    told.scorecards && scorecards(told.scorecards, act),
    ...(facts ? [questions(show), coverage(show)] : []),
    told.timeline.length > 0 && timeline(told.timeline, show.play),
    ...(assessment ? [attention(show), people(show), versions(told)] : [facts && attention(show), people(show)]),
    coached && coaching(coached, { own: false, play: show.play }),
  );
}

export const words = (name) => {
  const text = name.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
};

const section = (title, ...content) => el("section", { className: "card stack" }, el("h2", {}, title), ...content);

function head({ told, act }) {
  const button = (name, text, label) => el("button", { onclick: () => act(name), "aria-label": label }, text);
  return el(
    "header",
    { className: "row between" },
    el(
      "div",
      { className: "stack tight" },
      el("p", { className: "small soft" }, "Interview report"),
      el("h1", { tabIndex: -1 }, told.candidate),
      el("p", { className: "soft" }, [told.title, told.organisation].filter(Boolean).join(" · ")),
      el("p", { className: "row small soft" }, pill(told.status), reasonOf(told), told.imported && "held elsewhere, its transcript imported", told.started_at && moment(told.started_at)),
    ),
    el("p", { className: "row acts" }, button("save", "Save as PDF", "Save this report as PDF"), button("print", "Print", "Print this report")),
  );
}

/** What an interviewer sees who has their join link and nothing else. */
export function ownReport(cards, coached, act) {
  return el(
    "article",
    { className: "wide stack report" },
    el(
      "header",
      { className: "stack tight" },
      el("p", { className: "small soft" }, "Your part of the interview"),
      el("h1", { tabIndex: -1 }, cards.candidate),
      el("p", { className: "row small soft" }, cards.title, pill(cards.status)),
    ),
    scorecards(cards, act),
    coached && coaching(coached, { own: true, play: null }),
  );
}

const KINDS = { buffer: "sound the bot held", recording: "the recording", transcript: "what was said", panel: "what the panel showed", evaluation: "an evaluation" };

/** What was thrown away, and because of whom. */
function gone({ cause, name, words: said, said_at: at, purged, id }) {
  const size = ({ bytes }) => (bytes ? ` (${Math.max(1, Math.round(bytes / 1024))} kB)` : "");
  const things = purged.map((one) => `${KINDS[one.kind]}${size(one)}`).join(", ") || "nothing was kept yet";
  return el(
    "p",
    { className: "notice", dataset: { tone: "warn" } },
    el("strong", {}, cause === "objection" ? `${name} objected` : `${name} took a consent back`),
    said && el("span", {}, `“${said}”`),
    el("span", {}, `Thrown away: ${things}.`),
    el("span", { className: "small soft" }, moment(at), ` · receipt ${id}`),
  );
}

function sealed({ act }) {
  return section(
    "Assessment",
    el("p", {}, "An AI has rated this interview. Its levels wait for a scorecard of whoever held it, so that people judge by what they heard."),
    opening(act),
  );
}

function unjudgedYet({ told, act }) {
  if (told.status_reason === "consent_declined") return section("Assessment", el("p", {}, "This interview is not evaluated: somebody did not agree to it."));
  const over = ["completed", "cancelled", "failed", "no_show"].includes(told.status);
  const button = el("button", { className: "primary" }, told.facts ? "Try again to rate it" : "Evaluate this interview");
  button.onclick = async () => {
    button.disabled = true;
    await act("evaluate", undefined, "The interview has been evaluated.");
    button.disabled = false;
  };
  return section(
    "Assessment",
    el("p", {}, told.facts ? "What was said has been written down, but nothing has been rated." : "This interview has not been evaluated yet."),
    over
      ? el("p", { className: "row" }, button, el("span", { className: "small soft" }, "Levels are given only where quotes of the candidate bear them out."))
      : el("p", { className: "soft" }, "It can be evaluated once the call is over."),
  );
}

// ---- judgement --------------------------------------------------------------------------------------------------------

function judged(show) {
  const { criteria } = show.told.assessment.result;
  const open = criteria.filter((one) => one.level === null);
  return [
    summary(show),
    section("Criteria", el("ul", { className: "criteria" }, ...criteria.map((one) => criterion(one, show)))),
    open.length > 0 &&
      section(
        "What the AI could not judge",
        el("ul", { className: "plain" }, ...open.map((one) => el("li", {}, el("strong", {}, one.name), ` (${(UNJUDGED[one.status] ?? words(one.status)).toLowerCase()}): ${one.rationale}`))),
      ),
  ];
}

function summary({ told: { assessment } }) {
  const { result, effective, overrides } = assessment;
  const named = (ids) => ids.map((id) => result.criteria.find((one) => one.criterion_id === id)?.name ?? id);
  const list = (title, ids) =>
    ids.length > 0 && el("div", { className: "stack tight" }, el("h3", {}, title), el("ul", { className: "plain" }, ...named(ids).map((name) => el("li", {}, name))));
  return section(
    "Assessment",
    el(
      "div",
      { className: "figures" },
      figure(overrides.length ? "By the engine" : "Overall", result, !overrides.length),
      overrides.length > 0 && figure("With people's levels", effective, true),
    ),
    el("p", { className: "small soft" }, `${Math.round(100 * effective.scored_weight)} % of the weight was scored. The figure is the mean of the levels by weight, and the recommendation follows from it by a fixed rule. People decide.`),
    effective.capped_by.length > 0 && el("p", {}, `Held back by what is required: ${named(effective.capped_by).join(", ")}.`),
    el("div", { className: "two" }, list("Strengths", effective.strengths), list("Concerns", effective.concerns)),
  );
}

function figure(name, { overall, recommendation }, counts) {
  return el(
    "div",
    { className: "figure", dataset: { counts: String(counts) } },
    el("p", { className: "small soft" }, name),
    el("p", { className: "number" }, overall === null ? "–" : String(overall), el("span", { className: "small soft" }, overall === null ? " no overall figure" : " of 100")),
    recommendation && el("p", {}, toned(words(recommendation), TONES[recommendation] ?? "")),
  );
}

const toned = (text, tone) => el("span", { className: "pill", dataset: { tone } }, text);

function criterion(one, show) {
  const { assessment, anchors } = show.told;
  const said = one.human_override;
  const level = said ? said.level : one.level;
  const meant = [...new Set([one.level, level])].map((each) => [each, anchors[one.criterion_id]?.[each]]).filter(([, text]) => text);
  const about = [`weight ${one.weight}`, one.required && `required, at least ${one.min_level}`, one.spread ? `ratings differ by ${one.spread}` : "", ratings(one)];
  const quotes = (numbers) => unique(assessment.evidence.filter(({ number }) => numbers.includes(number)));
  const against = quotes(one.counter_evidence);
  return el(
    "li",
    { className: "criterion stack tight" },
    el("div", { className: "row between" }, el("h3", {}, one.name), meter(level, level === null ? (said ? "Can't be judged" : (UNJUDGED[one.status] ?? words(one.status))) : `Level ${level} of 5`)),
    el("p", { className: "small soft" }, about.filter(Boolean).join(" · ")),
    one.needs_human &&
      el("p", { className: "notice", dataset: { tone: "warn" } }, el("strong", {}, "A person must look at this"), (one.needs_human_reasons ?? []).map(words).join("; ")),
    said &&
      el(
        "p",
        { className: "notice" },
        el("strong", {}, `${said.by} put in the engine's place: ${said.level === null ? "can't be judged" : `level ${said.level}`}`),
        el("span", {}, said.reason),
        el("span", { className: "small soft" }, `The engine's own: ${one.level === null ? (UNJUDGED[one.status] ?? words(one.status)).toLowerCase() : `level ${one.level}`} · `, moment(said.at)),
      ),
    ...meant.map(([each, text]) => el("p", {}, el("strong", {}, `Level ${each} means: `), text)),
    el("p", {}, one.rationale),
    [one.note, leftOut(one)].some(Boolean) && el("p", { className: "small soft" }, [one.note, leftOut(one)].filter(Boolean).join(" ")),
    one.ratings?.length > 0 &&
      el("details", {}, el("summary", {}, "What each rating said"), el("ul", { className: "plain small" }, ...one.ratings.map(({ level, reason }) => el("li", {}, el("strong", {}, level === null ? "No level" : `Level ${level}`), `: ${reason}`)))),
    ...quotes(one.evidence).map((quote) => quoted(quote, show.play)),
    against.length > 0 && el("p", { className: "small" }, el("strong", {}, "Speaks against it")),
    ...against.map((quote) => quoted(quote, show.play)),
    overrideForm(one, assessment.id, show.act),
  );
}

/** Several ratings of one criterion, or readings of the rules: their levels, in short. */
const ratings = ({ ratings: rated = [], readings = [] }) => {
  const levels = rated.length ? rated.map(({ level }) => level ?? "none") : readings;
  return levels.length ? `${rated.length ? "ratings" : "other readings"} ${levels.join(", ")}` : "";
};

const leftOut = ({ quotes_dropped: dropped }) =>
  dropped ? `${dropped} ${dropped === 1 ? "quote was" : "quotes were"} left out, as nobody said ${dropped === 1 ? "it" : "them"}.` : "";

/** One quote may show several things; it is shown once. */
function unique(evidence) {
  return [...new Map(evidence.map((one) => [`${one.first_seq}.${one.start_char}`, one])).values()];
}

function meter(level, text) {
  const steps = [1, 2, 3, 4, 5].map((step) => el("span", { className: "step", dataset: { full: String(level !== null && step <= level) } }));
  return el("p", { className: "meter" }, el("span", { className: "steps", "aria-hidden": "true" }, ...steps), el("strong", {}, text));
}

/** A quote; where there is a recording it is a button that plays its moment. */
export function quoted({ quote, start_ms: from, end_ms: to, confidence }, play) {
  const unsure = confidence !== null && confidence !== undefined && confidence < 0.6;
  const about = el("span", { className: "small soft" }, clock(from), unsure && " · not heard clearly");
  if (!play) return el("blockquote", { className: "quote" }, el("span", {}, `“${quote}”`), about);
  return el(
    "button",
    { className: "quote", type: "button", onclick: () => play(from, to), "aria-label": `Play at ${clock(from)}: “${quote}”` },
    icon("play"),
    el("span", {}, `“${quote}”`),
    about,
  );
}

// ---- facts ------------------------------------------------------------------------------------------------------------

function questions({ told: { facts }, play }) {
  return section(
    "Questions",
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
            el("h3", {}, one.question),
            el(
              "p",
              { className: "row small soft" },
              toned(OUTCOMES[one.outcome] ?? words(one.outcome), one.outcome === "answered" ? "good" : ""),
              [one.reason && words(one.reason), one.words ? `${one.words} words in ${Math.round(one.seconds)} s` : ""].filter(Boolean).join(" · "),
            ),
            ...one.key_points.map((point) => quoted(point, play)),
          ),
        ),
      ),
    ),
  );
}

function coverage({ told: { facts } }) {
  const { coverage: covered, timing } = facts.result;
  const share = timing.talk_ratio === null ? "" : `The candidate spoke for ${Math.round(100 * timing.talk_ratio)} % of what was said, ${clock(timing.candidate_ms)} of a call of ${clock(timing.call_ms)}.`;
  return section(
    "Coverage",
    share && el("p", {}, share),
    el(
      "ul",
      { className: "covered" },
      ...covered.map(({ name, state }) => el("li", { className: "row between" }, el("span", {}, name), toned(...(COVERED[state] ?? [words(state), ""])))),
    ),
  );
}

function attention({ told: { assessment, facts }, play }) {
  const result = (assessment ?? facts).result;
  const flags = result.injection_flags ?? [];
  const contradictions = result.contradictions ?? [];
  if (!flags.length && !contradictions.length) return null;
  return section(
    "For your attention, not counted",
    flags.length > 0 && el("p", { className: "small soft" }, "These words seem meant for whoever rates the interview. They changed no level, and saying them costs nothing."),
    ...flags.map((flag) => quoted(flag, play)),
    ...contradictions.flatMap(({ about, earlier, later }) => [
      el("p", { className: "small soft" }, `Two things that may not go together: ${about}`),
      quoted(earlier, play),
      quoted(later, play),
    ]),
  );
}

// ---- people -----------------------------------------------------------------------------------------------------------

function people({ told, act }) {
  const reviews = told.assessment?.reviews ?? [];
  const entry = (what, by, at, note) =>
    el("li", {}, el("strong", {}, words(what)), ` by ${by}, `, moment(at), note && el("p", {}, note));
  return el(
    "div",
    { className: "two" },
    told.assessment &&
      section(
        "Review",
        el("p", { className: "small soft" }, "Says whether the assessment holds. What was said before stays."),
        reviews.length > 0 && el("ul", { className: "plain" }, ...reviews.map((one) => entry(one.verdict, one.by, one.at, one.note))),
        reviewForm(told.assessment, act),
      ),
    section(
      "Decision",
      el("p", { className: "small soft" }, "People decide, not the AI. The newest decision counts."),
      told.decisions.length > 0 && el("ol", { className: "plain" }, ...told.decisions.map((one) => entry(one.decision, one.by, one.at, one.notes))),
      decisionForm(told, act),
    ),
  );
}

function versions({ versions: all, facts, assessment, recording }) {
  const hashes = [facts, assessment].filter(Boolean).flatMap((one) => [
    [one.phase === 1 ? "Facts" : "Assessment", `${one.id}, version ${one.version}`],
    ["Engine", `${one.engine} ${one.engine_version}`],
    ["Rubric", one.rubric_hash],
    ["Plan", one.plan_hash],
    ["Transcript", one.transcript_hash],
  ]);
  const { engine } = assessment.result;
  if (engine) hashes.push(["Model", `${engine.model}, ${engine.raters} ratings of each criterion`], ...Object.entries(engine.prompts).map(([name, version]) => [`Prompt ${name}`, String(version)]));
  if (recording) hashes.push(["Recording", recording.sha256]);
  return section(
    "Versions",
    el(
      "ol",
      { className: "plain", reversed: true },
      ...all.map((one) =>
        el(
          "li",
          { className: "stack tight" },
          el("p", {}, el("strong", {}, `Version ${one.version}`), ` · ${one.overall ?? "no overall figure"} · ${words(one.recommendation ?? "no recommendation").toLowerCase()} · `, moment(one.created_at), ` · ${one.requested_by}`),
          one.changes.length > 0 && el("ul", { className: "plain small soft" }, ...one.changes.map(({ what, before, after }) => el("li", {}, `${words(what)}: ${before} → ${after}`))),
        ),
      ),
    ),
    el("details", {}, el("summary", {}, "Provenance: what was read, by which engine"), el("dl", { className: "hashes" }, ...hashes.flatMap(([name, value]) => [el("dt", { className: "soft" }, name), el("dd", {}, value)]))),
  );
}
