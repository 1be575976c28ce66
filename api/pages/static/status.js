// How an interview's status reads and looks.

import { el } from "./dom.js";

const SHOWN = {
  draft: ["Draft", ""],
  ready: ["Ready", ""],
  joining: ["Waiting in the room", "warn"],
  in_progress: ["In progress", "good"],
  reconnecting: ["Reconnecting", "warn"],
  evaluating: ["Being summarised", "warn"],
  completed: ["Completed", "good"],
  cancelled: ["Cancelled", ""],
  failed: ["Failed", "bad"],
  no_show: ["No show", "bad"],
};

const REASONS = {
  consent_declined: "the candidate did not consent",
  stopped_by_candidate: "the candidate stopped it",
  human_requested: "the candidate asked for a human",
  candidate_silent: "the candidate could not be heard",
  candidate_left: "the candidate left",
  max_duration: "it reached its longest duration",
  media_failed: "no sound could be exchanged with the candidate",
  speech_unavailable: "the speech service failed",
  connection_lost: "the connection was lost",
  bot_crashed: "the bot crashed",
  meeting_unreachable: "the meeting could not be opened",
  meeting_not_found: "there is no such meeting",
  sign_in_required: "the meeting takes signed-in guests only",
  lobby_timeout: "nobody let the bot into the meeting",
  admission_denied: "the bot was not let into the meeting",
  removed_from_meeting: "the bot was removed from the meeting",
  meeting_ended: "the meeting was ended",
  browser_missing: "the server has no browser to join meetings with",
  browser_crashed: "the bot's browser crashed",
};

export const STATUSES = Object.entries(SHOWN).map(([value, [text]]) => ({ value, text }));
export const isOver = (status) => ["completed", "cancelled", "failed", "no_show"].includes(status);
export const isCalling = (status) => ["joining", "in_progress", "reconnecting"].includes(status);

export function pill(status) {
  const [text, tone] = SHOWN[status] ?? [status, ""];
  return el("span", { className: "pill", dataset: { tone } }, text);
}

/** Why it ended as it did, as half a sentence; nothing where the status says it all. */
export const reasonOf = ({ status, status_reason: reason }) => (reason && reason !== status ? (REASONS[reason] ?? reason) : "");

const when = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** A point in time, in the reader's own zone and manner. */
export const moment = (text) => el("time", { dateTime: text }, when.format(new Date(text)));

/** The way to what was found in an interview. */
export const reportLink = ({ id, candidate }, text) =>
  el("a", { className: "button quiet", href: `app/interviews/${encodeURIComponent(id)}/report`, "aria-label": `${text} on ${candidate.name}` }, text);
