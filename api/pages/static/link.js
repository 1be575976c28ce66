// The join link: its key comes in the fragment, leaves the address bar at once, and survives a reload of this tab.

const ATTRIBUTES = "attributes";

/** Return `{interviewId, token, name, role}` of this page's link; token is null when there is none. */
export function takeLink(location, history, storage) {
  const interviewId = decodeURIComponent(location.pathname.split("/").filter(Boolean).at(-1) ?? "");
  const slot = `vivavoce.link.${interviewId}`;
  const fresh = location.hash.slice(1);
  if (fresh) {
    storage.setItem(slot, fresh);
    history.replaceState(null, "", location.pathname + location.search);
  }
  const token = fresh || storage.getItem(slot);
  return { interviewId, token, fresh: Boolean(fresh), ...claims(token) };
}

/** What a link says of its holder, for showing only: the server is the one who checks it. */
export function claims(token) {
  try {
    const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(payload), (letter) => letter.charCodeAt(0));
    const read = JSON.parse(new TextDecoder().decode(bytes));
    return { name: read.name ?? "", role: read[ATTRIBUTES]?.role ?? "candidate", participantId: read.sub ?? "" };
  } catch {
    return { name: "", role: "candidate", participantId: "" };
  }
}
