// An interviewer's link to their report: its token comes in the fragment, and leaves the address bar at once.

const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/; // RFC 7519; another fragment is no token

addEventListener("hashchange", () => TOKEN.test(location.hash.slice(1)) && location.reload()); // another link to the same page

/**
 * Return the link's token, null without one. slot: where this tab keeps it over a reload.
 * Whoever is signed in and comes without a link reads as themselves, also where a link was opened in the tab before.
 */
export function takeLink(slot, signedIn) {
  const fresh = location.hash.slice(1);
  if (TOKEN.test(fresh)) {
    sessionStorage.setItem(slot, fresh);
    history.replaceState({ link: true }, "", location.pathname + location.search); // the state outlives a reload alone
  }
  return history.state?.link || !signedIn ? sessionStorage.getItem(slot) : null;
}
