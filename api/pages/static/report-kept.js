// What a reader has open, typed and focused, while the page is shown anew.

const FIELDS = "input, select, textarea";
const STOPS = `h1, h2, summary, button, a, ${FIELDS}`;

/** Remember what is the reader's in `root`; returns what puts it back. A form that was sent (data-sending) is let go. */
export function keep(root) {
  const sent = root.querySelector("form[data-sending]");
  const folds = [...named(root, "summary")].filter(([, one]) => !one.parentElement.contains(sent)).map(([name, one]) => [name, one.parentElement.open]);
  const typed = [...root.querySelectorAll(FIELDS)].filter((one) => !sent?.contains(one)).map((one) => [one.id, one.type === "radio" ? { checked: one.checked } : { value: one.value }]);
  const at = root.contains(document.activeElement) ? document.activeElement : sent;
  const ways = at ? [at, at.closest("details")?.firstChild, at.closest("section")?.querySelector("h2"), root.querySelector("h1")] : [];
  const names = new Map([...named(root, STOPS)].map(([name, one]) => [one, name]));
  const back = ways.map((one) => names.get(one)).filter(Boolean);
  return () => {
    const summaries = named(root, "summary");
    for (const [name, open] of folds) if (summaries.has(name)) summaries.get(name).parentElement.open = open;
    const fields = named(root, FIELDS);
    for (const [id, state] of typed) Object.assign(fields.get(`${id} 0`) ?? {}, state);
    const stops = named(root, STOPS);
    focus(back.map((name) => stops.get(name)).find((one) => one?.checkVisibility()));
  };
}

/** Put the focus on what may be no control, and don't scroll there. */
export function focus(element) {
  if (!element) return;
  if (/^H\d$/.test(element.tagName)) element.tabIndex = -1;
  element.focus({ preventScroll: true });
}

/** Elements by what they are called, which stays the same when the page is shown anew, and a number where several are. */
function named(root, selector) {
  const found = new Map();
  const seen = new Map();
  for (const one of root.querySelectorAll(selector)) {
    const name = one.id || one.getAttribute("aria-label") || one.textContent;
    const number = seen.get(name) ?? 0;
    seen.set(name, number + 1);
    found.set(`${name} ${number}`, one);
  }
  return found;
}

/** Send a form or press a button, once at a time; it keeps the focus meanwhile. */
export async function sending(form, button, work) {
  if (form.dataset.sending) return;
  form.dataset.sending = "true";
  button.setAttribute("aria-disabled", "true");
  try {
    await work();
  } finally {
    delete form.dataset.sending;
    button.removeAttribute("aria-disabled");
  }
}
