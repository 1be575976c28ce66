// How an interview's status reads and looks.

import { words } from "./app-words.js";
import { el } from "./dom.js";

const TONES = {
  info_needed: "warn",
  plan_review: "warn",
  joining: "warn",
  in_progress: "good",
  reconnecting: "warn",
  evaluating: "warn",
  in_review: "warn",
  completed: "good",
  failed: "bad",
  no_show: "bad",
  rejected: "bad",
  expired: "bad",
};
const OVER = ["completed", "cancelled", "failed", "no_show", "rejected", "expired", "in_review"];

export const STATUSES = Object.entries(words.statuses).map(([value, text]) => ({ value, text }));
export const MODES = Object.entries(words.modes).map(([value, [text, about]]) => ({ value, text, about }));
export const isOver = (status) => OVER.includes(status);
export const isCalling = (status) => ["joining", "in_progress", "reconnecting"].includes(status);
export const isToCome = (status) => !isOver(status) && !isCalling(status) && status !== "evaluating";

export function pill(status) {
  return el("span", { className: "pill", dataset: { tone: TONES[status] ?? "", status } }, words.statuses[status] ?? status);
}

/** Why it ended as it did, as half a sentence; nothing where the status says it all. */
export const reasonOf = ({ status, status_reason: reason }) => (reason && reason !== status ? (words.reasons[reason] ?? reason.replaceAll("_", " ")) : "");

const when = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

/** A point in time, in the reader's own zone and manner. */
export const moment = (text) => el("time", { dateTime: text }, when.format(new Date(text)));

/** The way to what was found in an interview. label: what it is called where there are several. */
export const reportLink = ({ id }, text, className, label) =>
  el("a", { className, href: `app/interviews/${encodeURIComponent(id)}/report`, "aria-label": label }, text);
