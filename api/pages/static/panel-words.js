// Every sentence the interviewer's panel says; a translation is `panel-words.de.js` (`words.js`).

const minutes = (s) => (s < 90 ? "about a minute" : `${Math.round(s / 60)} min`);

const grounds = {
  age: "age",
  family: "family",
  pregnancy: "pregnancy",
  religion: "religion",
  origin: "origin",
  health: "health",
  union: "unions",
  salary_history: "salary history",
  politics: "politics",
  orientation: "orientation",
  military: "military service",
  criminal_record: "criminal record",
  housing: "housing",
  finances: "finances",
};

export const said = {
  title: "Copilot",
  private: "Only you see this.",
  line: { connecting: "Connecting", up: "Live", lost: "Reconnecting", closed: "Closed" },
  closed: {
    expired: ["The panel can't be opened with this link.", "It has expired. The call goes on; ask for a new link to see the panel again."],
    removed: ["The panel is not yours to see.", "You are not, or no longer, named as an interviewer with the copilot in this interview. The call goes on without it."],
    gone: ["There is no such interview any more.", "The panel is closed."],
    over: ["The interview is over.", "Nothing more comes in here."],
  },

  unsent: "Not done: the line is down. Press again when it is back.",
  quiet: { label: "Quiet", isOn: "Quiet: no suggestions come until you end it.", isOff: "Suggestions come again." },
  blank: { label: "Hide", show: "Show the panel", text: "Hidden, so that you can share your screen.", hint: "Press B to show it again." },
  turn: (number) => `turn ${number}`,

  card: {
    title: "Suggestion",
    none: "No suggestion. One comes at the end of an answer, when there is something worth asking.",
    quiet: "Quiet. No suggestions come.",
    fresh: "New suggestion.",
    kinds: {
      probe: "Ask further",
      result: "Ask for the result",
      clarify: "Clear up",
      contradiction: "Contradiction",
      missing_criterion: "Not covered yet",
      rephrase_leading: "In other words",
      time: "Time",
    },
    from: { one: "From what was said", two: "Both were said" },
    strong: "Strong answers",
    weak: "Weak answers",
    use: "Use",
    edit: "Edit",
    dismiss: "Dismiss",
    save: "Use these words",
    back: "Back",
    words: "Your words for it",
    chosen: "Ask it when it fits:",
    asked: "I asked it",
    away: "Put away",
    hear: "Hear it",
    left: (s) => (s > 5 ? `Fits for about ${Math.ceil(s / 10) * 10} s more` : "Its moment is passing"),
    gone: { quiet: "", late: "The last suggestion's moment has passed.", overtaken: "You asked something else; the suggestion is gone." },
    done: { accepted: "Noted: you use it.", edited: "Noted: in your words.", dismissed: "Dismissed.", used: "Noted: asked." },
  },

  unwatched: {
    off_limits: "There are no rules for off-limits questions in this interview's language: no warnings will come.",
    leading: "Leading questions are not recognised in this interview's language: no card will point them out.",
  },

  guard: {
    interviewer: (category) => `Off limits${category ? `: ${grounds[category] ?? category.replaceAll("_", " ")}` : ""}`,
    candidate: "The candidate told something private",
    probe: "Don't ask further about it and don't write it down.",
    instead: "Ask instead:",
    seen: "Understood",
  },

  coverage: {
    title: "Coverage",
    states: { not_touched: "Not touched", asked: "Asked", thin: "Thin", sufficient: "Sufficient" },
    evidence: (count) => (count === 1 ? "1 answer" : `${count} answers`),
    none: "This plan names no criteria.",
  },

  time: {
    title: "Time",
    none: "It is counted from the first words on.",
    left: (s) => (s > 0 ? `${minutes(s)} left` : "The time is over"),
    core: (count, s) => (count ? `${count} core ${count === 1 ? "question needs" : "questions need"} ${minutes(s)}` : "Every core question was asked"),
    shorten: "Keep answers short: the core questions no longer fit.",
    drop: (count) => `Leave out the ${count === 1 ? "optional question" : `${count} optional questions`}.`,
  },

  plan: {
    title: "Plan",
    states: { asked: "Asked", open: "Open now", ahead: "Ahead" },
    optional: "optional",
    count: (asked, of) => `${asked} of ${of} asked`,
  },

  ask: {
    title: "Ask the copilot",
    label: "About what was said, the plan or the résumé",
    send: "Ask",
    waiting: "Looking…",
    unknown: "That was not said, and it is in neither plan nor résumé.",
    by: (name) => `asked by ${name}`,
    sources: { transcript: "Said", plan: "Plan", resume: "Résumé" },
  },

  lead: {
    title: "Who leads",
    you: "You lead.",
    bot: (count) => (count ? `{bot} leads: ${count} more ${count === 1 ? "question" : "questions"}.` : "{bot} leads."),
    give: "{bot} asks the next",
    giveOne: (count) => `Let {bot} ask the next ${count === 1 ? "question" : `${count} questions`}`,
    take: "I'll take it back",
    asked: "Asked for. The candidate hears who leads.",
    reasons: {
      done: "{bot} has asked its questions.",
      nothing_left: "There is nothing left for {bot} to ask.",
      taken_back: "You took it back.",
      interviewer_asked: "You asked something yourself.",
      human_requested: "The candidate would rather speak with you.",
      silence: "The candidate did not answer {bot}.",
      not_allowed: "Somebody who may not do so asked {bot} to take over; you go on leading.",
    },
    mode: "Mode",
    modes: { solo: "Solo: {bot} leads", copilot: "Copilot: you lead, {bot} helps", shadow: "Shadow: you lead, {bot} is silent" },
    change: {
      title: (mode) => `Change to ${mode}?`,
      text: "The candidate is told, and it is on the record.",
      yes: "Change",
      no: "Stay",
    },
    idle: {
      solo: "While {bot} leads nothing is suggested, and it keeps no account of what is covered here.",
      shadow: "In shadow nothing is suggested, and what is covered is not shown.",
    },
  },

  settings: {
    title: "Settings",
    aloud: "Read new cards to my ear",
    aloudHint: "Use headphones: the others must not hear it.",
    output: "Play it on",
    usual: "The usual output",
    keys: "Single keys (U, E, D, Q, B)",
    noSpeech: "It can't be read aloud now.",
  },

  refused: (detail) => `That was not done: ${detail}`,
};
