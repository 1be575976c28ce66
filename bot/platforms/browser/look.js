// One look at a meeting's page. entered: whether the bot has been in the call already.
({ site, entered }) => {
  const seen = document.body ? document.body.innerText.toLowerCase().replaceAll("\u2019", "'").replace(/\s+/g, " ") : "";
  const there = (selector) => document.querySelector(selector) !== null;
  const holds = ({ words, selectors, hosts }) =>
    words.some((some) => seen.includes(some)) || selectors.some(there) || hosts.includes(location.hostname);
  const people = new Map();
  for (const one of document.querySelectorAll(site.people.each)) {
    const own = one.matches(site.people.own) || one.querySelector(site.people.own);
    const name = one.querySelector(site.people.name)?.innerText.trim() ?? "";
    if (!own) people.set(one.getAttribute(site.people.id), name.slice(0, 100));
  }
  let standing = null;
  if (entered && there(site.during)) standing = "in_call";
  else standing = (entered ? site.after : site.before).find(holds)?.is ?? null;
  return { standing, people: [...people] };
}
