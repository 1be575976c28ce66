// Notes when what a person looks at changes: [ms since 1970, where, turn, text], in window.seen.

window.seen = [];
const places = { card: ".card-body .card-text", coverage: ".ledger", warning: ".warnings" };
const shown = new Map();

function note(where, turn, text) {
  const key = `${where} ${turn}`;
  if (text === (shown.get(key) ?? "")) return;
  shown.set(key, text);
  window.seen.push([performance.timeOrigin + performance.now(), where, turn, text]);
}

function look() {
  for (const [where, selector] of Object.entries(places)) {
    note(where, "", document.querySelector(selector)?.textContent ?? "");
  }
  for (const line of document.querySelectorAll("#captions [data-turn], #interim [data-turn]")) {
    note("caption", line.dataset.turn, line.textContent);
  }
}

new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true, attributes: true });
