// Notes when what a person looks at changes: [ms since 1970, where, text], in window.seen.

window.seen = [];
const places = {
  caption: "#captions",
  interim: "#interim",
  card: ".card-body .card-text",
  coverage: ".ledger",
  warning: ".warnings",
};
const shown = {};

function look() {
  const at = performance.timeOrigin + performance.now();
  for (const [where, selector] of Object.entries(places)) {
    const text = document.querySelector(selector)?.textContent ?? "";
    if (text === shown[where]) continue;
    shown[where] = text;
    window.seen.push([at, where, text]);
  }
}

new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true, attributes: true });
