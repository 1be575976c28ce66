// Every sentence the room's script says, in one place. A translation is one more module like this: `words.de.js`, which
// the server sends to those who read German.

import { isolated } from "./dom.js";

const roles = { candidate: "candidate", interviewer: "interviewer", observer: "observer", bot: "AI interviewer", listener: "AI, listens" };

const listed = (names) => new Intl.ListFormat("en").format(names.map(isolated));

export const words = {
  language: "en",
  you: "You",
  roles,
  listOf: listed,
  progress: (number, of) => `Question ${number} of ${of}`,

  // What stands on the page, and what parts of it are called, by the element's id.
  page: {
    opening: "Opening the room…",
    "check-step": "Step 1 of 2",
    "check-title": "Check your sound",
    "mic-start": "Turn on my microphone",
    "mic-choice-label": "Microphone",
    "meter-label": "Say something: the bar should move",
    "tone-label": "Speaker or headphones",
    tone: "Play a test sound",
    "check-without": "Join without a microphone",
    "check-done": "Continue",
    "consent-step": "Step 2 of 2",
    "consent-back": "Back",
    join: "Join the call",
    refuse: "I don't agree",
    repeat: "Repeat",
    rephrase: "Rephrase",
    skip: "Skip",
    human: "A human, please",
    "captions-toggle": "Captions",
    leave: "Leave",
    withdraw: "Stop recording me",
  },
  names: {
    clock: "Time in the call",
    call: "The call",
    people: "In the call",
    "captions-panel": "Captions",
    scroller: "What was said",
    log: "What was said",
    asks: "Tell the interviewer",
    mine: "Your call",
  },

  check: {
    lead: {
      candidate: ({ title }) => `For “${title}”. It takes a moment and nothing is recorded yet.`,
      interviewer: ({ title, candidate }, name) =>
        `This is the link of ${isolated(name)}, who interviews ${isolated(candidate) || "the candidate"} for “${title}”. ` +
        "You are the candidate? Then it came to you by mistake: close this page and open your own link.",
    },
    hears: "We hear you well.",
    quiet: "Nothing heard yet. Speak up, move closer, or choose another microphone.",
    toneAsk: "Playing… Did you hear three notes?",
    toneDone: "If you heard nothing, check the volume and which output your system uses.",
    denied: {
      title: "The browser was not allowed to use the microphone.",
      steps: [
        "Press the sign left of the address, allow the microphone, and try again.",
        "On a phone, look in the system settings under apps, your browser, permissions.",
      ],
    },
    missing: {
      title: "No microphone was found.",
      steps: [
        "Plug in a headset or microphone, or connect it by Bluetooth, then try again.",
        "This interview is held by voice, so it can't begin without one. You can come back with this link from another device.",
      ],
    },
    missingGuest: {
      title: "No microphone was found.",
      steps: ["Plug one in and try again, or join without: you will hear everybody but can't be heard."],
    },
    busy: {
      title: "The microphone is there but could not be opened.",
      steps: ["Another program may be using it. Close other calls and try again."],
    },
    insecure: {
      title: "The browser only gives out the microphone on a secure (https) page.",
      steps: ["Ask whoever sent the link for one that starts with https."],
    },
    unplugged: "The microphone is gone. Plug it in again or choose another one.",
    retry: "Try again",
  },

  consent: {
    notice: "page-2-en", // raise it with every change of what the words below mean
    listeners: (organisation, interviewers, observers) => {
      const whose = organisation ? ` of ${organisation}` : "";
      if (!interviewers.length && !observers.length) return `The hiring team${organisation ? ` at ${organisation}` : ""} may listen`;
      const speak = interviewers.length ? `${listed(interviewers)}${whose} may be in the call` : "";
      const listen = observers.length ? `${listed(observers)}${interviewers.length ? "" : whose} may listen` : "";
      return [speak, listen].filter(Boolean).join(", ");
    },
    candidate: {
      title: (name) => (name ? `Hello ${isolated(name)}, here is what will happen` : "Here is what will happen"),
      points: (about) => [
        ["waves", "An AI leads this interview", "{bot} is a computer voice. It asks, listens and follows up, and leaves time for your own questions."],
        ["mic", "It is recorded and written down", "Your voice and the text of what is said are kept for the team that decides about your application."],
        ["person", about.listeners, "People decide about your application; the AI asks, takes notes and helps to assess them."],
        ["pause", "You set the pace", "Take your time. You can ask to repeat, rephrase, skip or pause, by voice or by button, ask for a human, or take your consent back at any point."],
      ],
      words: "I understand that an AI conducts this interview and helps to assess it, and I agree to it being recorded and transcribed.",
      no: "You would rather not speak with an AI? Say so below: nothing is recorded, and the person who invited you can offer another way.",
      join: "Join the interview",
    },
    interviewer: {
      title: (name) => `Before you join, ${isolated(name)}`,
      points: () => [
        ["waves", "An AI is in this call", "The candidate knows, and has been asked for consent."],
        ["mic", "The call is recorded", "Everything said, by you too, is recorded and transcribed."],
        ["person", "The candidate hears you", "As soon as you join, unless you are muted."],
      ],
      words: "I understand that the call is recorded and transcribed.",
      no: "",
      join: "Join the call",
    },
    observer: {
      title: () => "You are going to listen",
      points: () => [
        ["speaker", "You hear everybody", "And read the captions."],
        ["mic-off", "Nobody hears you", "Your microphone stays off."],
        ["person", "The others see that you are here", "Your name is in the list of people in the call."],
      ],
      words: "I will keep what I hear confidential.",
      no: "",
      join: "Listen in",
    },
    back: (title) => ({ title: "You are back", lead: `“${title}” is going on. Press the button to hear it again.`, join: "Rejoin the call" }),
    questions: (count) => (count === 1 ? "1 question" : `${count} questions`),
  },

  // Where people lead: what a candidate reads in place of `consent.candidate`.
  observed: {
    copilot: {
      notice: "page-copilot-1-en", // raise it with every change of what the words below mean
      title: (name) => (name ? `Hello ${isolated(name)}, here is what will happen` : "Here is what will happen"),
      points: (about) => [
        ["person", "People lead this interview", "They ask, and they decide about your application."],
        ["waves", "An AI helps them", "{bot} listens, takes notes and tells the interviewers in private what they may still ask. It may ask a few questions itself when they hand over; you are told when it does."],
        ["mic", "It is recorded and written down", "Your voice and the text of what is said are kept for the team that decides about your application."],
        ["speaker", about.listeners, "If you object, say so at any time, for example “please don't record this”, or press “Stop recording me”: the AI leaves, and no recording is kept."],
      ],
      words: "I understand that an AI listens, helps the interviewers and helps to assess this interview, and I agree to it being recorded and transcribed.",
      no: "You would rather not have an AI listen? Say so below: nothing is recorded, and the person who invited you can offer another way.",
      join: "Join the interview",
    },
    shadow: {
      notice: "page-shadow-1-en", // raise it with every change of what the words below mean
      title: (name) => (name ? `Hello ${isolated(name)}, here is what will happen` : "Here is what will happen"),
      points: (about) => [
        ["person", "People lead this interview", "They ask, and they decide about your application."],
        ["waves", "An AI listens", "{bot} says once that it is there, and nothing more. It takes notes and helps to assess the interview afterwards."],
        ["mic", "It is recorded and written down", "Your voice and the text of what is said are kept for the team that decides about your application."],
        ["speaker", about.listeners, "If you object, say so at any time, for example “please don't record this”, or press “Stop recording me”: the AI leaves, and no recording is kept."],
      ],
      words: "I understand that an AI listens and helps to assess this interview, and I agree to it being recorded and transcribed.",
      no: "You would rather not have an AI listen? Say so below: nothing is recorded, and the person who invited you can offer another way.",
      join: "Join the interview",
    },
  },

  line: { connecting: "Connecting", connected: "Connected", waiting: "Waiting", reconnecting: "Reconnecting", lost: "Connection lost" },

  floor: {
    connecting: ["Connecting…", ""],
    waiting: ["Waiting for the interviewer", "{bot} joins in a moment. You don't need to do anything."],
    nobody: ["Waiting for the others", "The call begins when they join."],
    listening: {
      nothing: ["{bot} is listening", ""],
      consent: ["{bot} is listening", "Please say whether you agree."],
      answer: ["{bot} is listening", "Take your time. A pause is fine."],
      questions: ["Your turn to ask", "Ask about the job or the company, or say that you have no questions."],
    },
    here: ["{bot} is here", ""],
    thinking: ["{bot} is thinking", ""],
    speaking: ["{bot} is speaking", ""],
    paused: ["Paused", "Press “I'm back” or just go on speaking."],
    ended: ["The interview is over", ""],
    rejoining: ["{bot} is coming back", "The connection to the interviewer broke. Nothing you said is lost."],
    people: {
      youLead: "You lead",
      leads: (names) => `${names} ${names.includes(" and ") ? "lead" : "leads"}`,
      noInterviewer: "Waiting for your interviewer",
      first: "Nobody is here to interview you yet. You don't need to do anything.",
      gone: "They are not in the call any more and may come back. You don't need to do anything.",
      unheard: (hint) => `${hint} {bot} does not hear you, and nothing is recorded, until they are here. If nobody comes, the call ends by itself.`,
      noCandidate: "Waiting for the candidate",
      watches: { copilot: "{bot} listens, takes notes and helps the interviewer.", shadow: "{bot} listens and takes notes. It does not speak." },
      away: "{bot} is not in the call.",
    },
    others: { listening: "{bot} listens", thinking: "{bot} is thinking", speaking: "{bot} is speaking" },
  },

  banner: {
    reconnecting: ["Reconnecting…", "You can go on speaking. Captions come back by themselves."],
    lost: ["The connection is lost.", "We keep trying. Check your internet connection; what you have said so far is safe."],
    unreached: ["The call can't be reached yet.", "We keep trying. Check your internet connection."],
    unavailable: ["The room can't be reached for the moment.", "Your connection is fine; the trouble is on our side. We keep trying."],
    tryNow: "Try now",
    blocked: ["The browser holds the sound back.", "Press the button to hear the call."],
    hear: "Turn on the sound",
    micGone: ["Your microphone is gone.", "Nobody hears you. Plug it in again or connect another; we switch to it by ourselves."],
    micHeld: ["Your microphone gives no sound.", "The system keeps it: a phone call, or a switch at the device. It goes on by itself."],
    useAnother: "Use another one",
  },

  // What others did, or what happened by itself; each is said once.
  news: {
    joined: (name, role) => `${isolated(name)} (${role}) has joined.`,
    back: (name, role) => `${isolated(name)} (${role}) is back.`,
    left: (name, role) => `${isolated(name)} (${role}) has left the call.`,
    dropped: (name, role) => `${isolated(name)} (${role}) has lost the connection.`,
    botLeads: (count) => (count ? `{bot} asks the next ${count === 1 ? "question" : `${count} questions`}.` : "{bot} leads now."),
    peopleLead: "The interviewers lead again.",
    modes: {
      solo: "From now on {bot} leads the interview.",
      copilot: "From now on people lead the interview, and {bot} helps them.",
      shadow: "From now on people lead the interview, and {bot} only listens.",
    },
    woke: "This page was asleep. You are being connected again.",
    microphone: (label) => (label ? `You are heard through “${label}” now.` : "You can be heard again."),
  },

  said: {
    repeat: "Asked to hear it again.",
    rephrase: "Asked for other words.",
    skip: "Asked to skip this question.",
    pause: "Paused. Come back when you are ready.",
    resume: "Going on.",
    human: "Asked for a human.",
    withdraw: "Your consent is taken back. The recording is thrown away, and {bot} leaves.",
    nobody: "{bot} is not here to be told. Press again when it is.",
    notSent: "Not sent: the connection is down. Press again when it is back.",
    withdrawLater: "Your consent is taken back. The connection is down; the call is told as soon as it is back, so keep this page open.",
    noMicrophone: "No other microphone could be opened.",
    muted: "You are muted.",
    unmuted: "You can be heard.",
    captionsOn: "Captions are on.",
    captionsOff: "Captions are off.",
  },

  moment: { ask: "One moment", back: "I'm back" },
  mute: { on: "Mute", off: "Unmute" },
  captionsEmpty: "What is said will appear here.",

  ask: {
    leave: {
      title: "Leave the interview?",
      text: "It is not finished. You can come back with the same link for a short while; after that it ends here.",
      yes: "Leave",
      no: "Stay",
    },
    leaveGuest: { title: "Leave the call?", text: "The others go on without you. You can come back with the same link.", yes: "Leave", no: "Stay" },
    human: {
      title: "Would you rather speak with a human?",
      text: "The AI interview ends here, and the team is told that you would like to speak with a person instead.",
      yes: "Ask for a human",
      no: "Go on with {bot}",
    },
    humanAmongPeople: {
      title: "Would you rather speak with the people?",
      text: "{bot} stops asking, and the interviewers in the call go on. If none is there, the interview ends here, and the team is told that you would like to speak with a person.",
      yes: "Ask for a human",
      no: "Go on with {bot}",
    },
    withdraw: {
      title: "Take your consent back?",
      text: "The interview with {bot} ends here. No recording is kept, and the AI assesses nothing. The team is told that you did not want to be recorded.",
      yes: "Take it back",
      no: "Go on",
    },
  },

  over: {
    completed: (name) => [`Thank you${name ? `, ${isolated(name)}` : ""}!`, "That was everything. The interview is complete, and the team will be in touch about the next step.", "You can close this page."],
    consent_declined: () => ["Thank you for telling us", "You did not agree to be recorded, or took that back, so the interview ended and no recording was kept.", "The person who invited you can offer another way."],
    stopped_by_candidate: () => ["The interview has ended", "You asked to stop, and what was said so far is kept.", "If you would like to go on another day, write to the person who invited you."],
    human_requested: () => ["A person will take over", "The team knows that you would like to speak with a human and will write to you.", "You can close this page."],
    no_show: () => ["The interview was closed", "Nobody joined in time.", "Ask the person who invited you for a new link."],
    media_failed: () => ["No sound could be exchanged", "You were in the room, but your network or browser let no sound through between you and the interviewer.", "Ask the person who invited you for another try, from another network or another browser."],
    candidate_silent: () => ["The interview has ended", "We could not hear you for a while, so it ended here.", "If your microphone failed, tell the person who invited you and ask for another try."],
    candidate_left: () => ["The interview has ended", "You were away for a while, so it ended here. What you said until then is kept.", "If your connection failed, tell the person who invited you and ask for another try."],
    no_interviewer: () => ["No interviewer was there", "Your interviewer did not come, or did not come back, so the interview ended. That was our fault, not yours.", "The team is asked to offer you another time. If you hear nothing, write to the person who invited you."],
    max_duration: () => ["That is all the time we have", "The interview reached its longest duration, and everything said is kept.", "The team will be in touch about the next step."],
    cancelled: () => ["This interview was cancelled", "The team called it off.", "If that is a surprise, ask the person who invited you."],
    technical: () => ["We had a technical problem", "The interview could not go on. That was our fault, not yours, and it is marked as such.", "Ask the person who invited you for a new link."],
    guest: () => ["The call has ended", "You can close this page.", ""],
    left: () => ["You have left", "You can come back with the same link for a short while.", ""],
  },
  joinAgain: "Join again",
  report: "Your scorecard and report",

  trouble: {
    frame: ["This link belongs inside another page", "Open the page you got it from. If that does not work, ask for a link of your own.", ""],
    no_link: ["This link is not complete", "Open the whole link from your invitation: the part after the # sign is your key to the room.", ""],
    401: ["This link can't be used", "It has expired or was changed on the way. Ask the person who invited you for a new one.", ""],
    403: ["This link is for another interview", "Open the link of this interview's invitation.", ""],
    not_named: ["This link was taken back", "You are no longer among the people of this call. If that is a surprise, ask the person who invited you for a new link.", ""],
    404: ["There is no such interview", "It may have been deleted. Ask the person who invited you.", ""],
    410: ["This interview is over", "It can't be joined any more. If that is a surprise, ask the person who invited you.", ""],
    429: ["The room is full", "Wait until somebody leaves, then try again.", "Try again"],
    replaced: ["The call is open somewhere else", "This link was opened in another window or on another device, and the call goes on there.", "Use this window instead"],
    bad: ["This page and the server do not understand each other", "Reload the page to get the current version.", "Reload"],
    network: ["The room can't be reached", "Check your internet connection and try again.", "Try again"],
    browser: ["This browser can't hold calls", "Open the link in a current Chrome, Edge, Firefox or Safari.", ""],
  },
};

/** Put the page's own words in their places. */
export function label(document) {
  for (const [id, text] of Object.entries(words.page)) {
    const place = document.getElementById(id);
    (place.querySelector("span:not(.icon)") ?? place).textContent = text;
  }
  for (const [id, text] of Object.entries(words.names)) document.getElementById(id).setAttribute("aria-label", text);
}

/** Put the bot's name into every sentence; called once, when the name is known. */
export function introduce(bot) {
  fill(words, (text) => text.replaceAll("{bot}", isolated(bot)));
}

/** Put something into every sentence of `value`, which may hold functions that make sentences. */
export function fill(value, named) {
  if (typeof value === "string") return named(value);
  if (typeof value === "function") return (...about) => fill(value(...about), named);
  if (value !== null && typeof value === "object") {
    for (const key of Object.keys(value)) value[key] = fill(value[key], named);
  }
  return value;
}
