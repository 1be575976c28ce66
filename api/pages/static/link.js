// The join link: its key comes in the fragment, leaves the address bar at once, and survives a reload of this tab.

/** Return `{interviewId, token, fresh}`: token is null when there is none; fresh: it came with the address just now. */
export function takeLink(location, history, storage) {
  const interviewId = decodeURIComponent(location.pathname.split("/").filter(Boolean).at(-1) ?? "");
  const slot = `vivavoce.link.${interviewId}`;
  const fresh = location.hash.slice(1);
  if (fresh) {
    storage.setItem(slot, fresh);
    history.replaceState(null, "", location.pathname + location.search);
  }
  const token = fresh || storage.getItem(slot);
  return { interviewId, token, fresh: Boolean(fresh) };
}

/** What this tab keeps over a reload; where a browser keeps that from a frame, it is forgotten with the page. */
export function tabStorage(window) {
  try {
    return window.sessionStorage;
  } catch {
    const kept = new Map();
    return {
      getItem: (name) => kept.get(name) ?? null,
      setItem: (name, value) => kept.set(name, value),
      removeItem: (name) => kept.delete(name),
    };
  }
}
