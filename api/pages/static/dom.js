// The little of the DOM that the pages need.

const SVG = "http://www.w3.org/2000/svg";

export const $ = (id) => document.getElementById(id);

/** Make an element: properties, then children (text is always text, never markup). */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "dataset") Object.assign(element.dataset, value);
    else if (name.startsWith("aria-") || name === "role" || name === "for") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Make an element of a sentence that the server wrote, in the one language that it writes (WCAG 3.1.2). */
export const served = (tag, text, properties = {}) => el(tag, { lang: "en", ...properties }, text);

/** A name that is written from right to left, kept together within a sentence that is not (Unicode UAX 9, isolates). */
export const isolated = (name) => (/[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]/.test(name ?? "") ? `\u2068${name}\u2069` : name);

/** Make an element of a picture: attributes, then children. */
export function svg(tag, attributes, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Words being said: those that are certain, and the rest, which may still change. */
export function unsettled(text, stable) {
  const certain = text.startsWith(stable) ? stable : "";
  return [el("span", { className: "stable" }, certain), text.slice(certain.length)];
}

export const icon = (name) => el("span", { className: `icon icon-${name}`, "aria-hidden": "true" });

/** Minutes and seconds, hours when there are any. */
export function clock(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const parts = [Math.floor(s / 3600), Math.floor(s / 60) % 60, s % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, index) => (index ? String(part).padStart(2, "0") : String(part))).join(":");
}

/** Fill a place anew; the focus in it stays on what is called the same, else it goes to `otherwise`. */
export function refill(place, children, otherwise = null) {
  const focused = place.contains(document.activeElement) ? called(document.activeElement) : null;
  place.replaceChildren(...children);
  if (focused === null) return;
  const same = [...place.querySelectorAll("a, button, input, select, summary")].find((one) => called(one) === focused);
  (same ?? otherwise)?.focus();
}

const called = (element) => element.id || element.getAttribute("href") || element.getAttribute("aria-label") || element.textContent;

/** A question with two answers in the page's own dialog; resolves to whether it was a yes. */
export function ask({ title, text, yes, no }, danger = false) {
  const dialog = $("ask");
  $("ask-title").textContent = title;
  $("ask-text").textContent = text;
  $("ask-no").textContent = no;
  $("ask-yes").textContent = yes;
  $("ask-yes").className = danger ? "danger" : "primary";
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    $("ask-no").onclick = () => dialog.close("no");
    $("ask-yes").onclick = () => dialog.close("yes");
    dialog.onclose = () => resolve(dialog.returnValue === "yes");
  });
}

/** Call `act` once before the next frame, however often it is asked for until then. */
export function soon(act) {
  let due = false;
  const go = () => {
    due = false;
    act();
  };
  return () => {
    if (due) return;
    due = true;
    if (document.hidden) setTimeout(go); // a hidden page has no frames
    else requestAnimationFrame(go);
  };
}

/** Call `act` once, `ms` after the last time it was asked for. */
export function later(act, ms) {
  let timer = 0;
  const asked = () => {
    clearTimeout(timer);
    timer = setTimeout(act, ms);
  };
  asked.never = () => clearTimeout(timer);
  return asked;
}
