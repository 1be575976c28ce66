// A strip that shows shares of a whole, with its words above it.

import { el, svg } from "./dom.js";

const WIDTH = 1000;
const HEIGHT = 16;
const LEAST = 1.5; // or what is short would not be seen

/** parts: `[from, to, class]`, shares of the whole from 0 to 1; mark: a share where a line is drawn, if anywhere. */
export function strip(told, parts, { mark = null, ...attributes } = {}) {
  const rect = (name, from, to, least) => {
    const x = WIDTH * Math.max(0, Math.min(1, from));
    return svg("rect", { class: name, x: Math.min(WIDTH - least, x), width: Math.max(least, WIDTH * Math.min(1, to) - x), height: HEIGHT });
  };
  const picture = svg(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": told, ...attributes },
    rect("ground", 0, 1, 0),
    ...parts.filter(([from, to]) => to > from).map(([from, to, name]) => rect(name, from, to, LEAST)),
    ...(mark === null ? [] : [rect("mark", mark, mark, 4)]),
  );
  return el("div", { className: "bar stack tight" }, el("p", { className: "small", "aria-hidden": "true" }, told), picture);
}
