// Every sentence of the page of bots at work.

const many = (count, one, several) => `${count} ${count === 1 ? one : several}`;

export const words = {
  language: "en",
  title: "Bots at work",
  lead: "Each bot that is in a call of yours, or on its way there, and where it runs.",
  room: ({ total, free, pending, draining }) => {
    if (total === null) return "The place where bots run does not answer.";
    const waiting = pending ? `, ${pending} waiting for a machine` : "";
    const drains = draining ? ". It is being shut down: no more start here, and what runs is handed over" : "";
    return `${free} of ${many(total, "place", "places")} free${waiting}${drains}`;
  },
  bots: (count) => (count ? `${many(count, "bot", "bots")} at work,` : "No bot is at work."),
  failed: "The bots can't be shown.",
  bot: "Bot",
  state: "State",
  place: "Where",
  since: "At work for",
  incarnation: (epoch) => (epoch === 1 ? "first incarnation" : `incarnation ${epoch}`),
  process: (pid) => `process ${pid}`,
  nowhere: "not placed yet",
  nodes: "Places",
  here: "this server",
  node: "Place",
  address: "Address",
  count: "Bots",
  states: {
    starting: ["Starting", "warn"],
    pending: ["Waiting for a machine", "warn"],
    running: ["Running", "good"],
    leaving: ["Leaving", ""],
    lost: ["Lost", "bad"],
  },
};
