// Something said in passing, at the edge of the page.

import { $, el } from "./dom.js";

let timer = 0;

/** Say it, text or an element, for `ms`, for good with 0. more: what goes with it, if anything. Return what takes it back. */
export function toast(text, ms, more = null) {
  clearTimeout(timer);
  const told = el("span", {}, text);
  $("toast").replaceChildren(told, ...(more ? [more] : []));
  $("toast").hidden = false;
  if (ms) timer = setTimeout(hide, ms);
  return () => told.isConnected && hide();
}

const hide = () => ($("toast").hidden = true);
