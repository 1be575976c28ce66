// A page of our own that goes the way of Google Meet's for a guest; where the guest stands is the server's word.
"use strict";
const stage = document.querySelector("#stage");
const SAYS = {
  not_found: "Check your meeting code",
  sign_in: "Sign in. Use your Google Account",
  blocked: "You can\u2019t join this video call",
  lobby: "Asking to be let in\u2026 You\u2019ll join the call when someone lets you in",
  denied: "Someone in the call denied your request to join",
  unanswered: "No one responded to your request to join the call",
  removed: "You\u2019ve been removed from the meeting",
  ended: "Your host ended the meeting for everyone",
  strange: "A page that nobody has seen before",
};
let shown = "";
let tracks = [];

function element(name, attributes, text = "") {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

function device(name, on) {
  const button = element("button", { "aria-label": `Turn ${on ? "off" : "on"} ${name}` }, name);
  button.onclick = () => button.replaceWith(device(name, !on));
  return button;
}

function prejoin() {
  const field = element("input", { type: "text", "aria-label": "Your name" });
  const join = element("button", {}, "Ask to join");
  join.disabled = true;
  field.oninput = () => (join.disabled = !field.value);
  join.onclick = async () => {
    const camera = document.querySelector('[aria-label$="camera"]').ariaLabel;
    const microphone = document.querySelector('[aria-label$="microphone"]').ariaLabel;
    await fetch("/ask", { method: "POST", body: JSON.stringify({ name: field.value, camera, microphone }) });
  };
  stage.replaceChildren(field, device("microphone", false), device("camera", true), join);
}

function tile(id, name, own) {
  const made = element("div", { "data-participant-id": id });
  made.append(element("span", own ? { class: "notranslate", "data-self-name": name } : { class: "notranslate" }, name));
  return made;
}

async function call() {
  const chat = element("p", {}, SAYS.removed + " (says a guest, in the chat)"); // words that are not the site's
  const leave = element("button", { "aria-label": "Leave call" }, "Leave");
  leave.onclick = () => fetch("/leave", { method: "POST" });
  stage.replaceChildren(element("div", { id: "tiles" }), chat, leave);
  const microphone = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
  const peer = new RTCPeerConnection();
  const player = document.body.appendChild(element("audio", {}));
  peer.ontrack = ({ streams: [stream] }) => {
    player.srcObject = stream;
    player.play();
  };
  tracks = microphone.getTracks();
  for (const track of tracks) peer.addTrack(track, microphone);
  await peer.setLocalDescription(await peer.createOffer());
  await new Promise((done) => {
    if (peer.iceGatheringState === "complete") done();
    peer.onicegatheringstatechange = () => peer.iceGatheringState === "complete" && done();
  });
  const { type, sdp } = peer.localDescription;
  const answer = await fetch("/offer", { method: "POST", body: JSON.stringify({ type, sdp }) });
  await peer.setRemoteDescription(await answer.json());
}

function people(names) {
  const tiles = [tile("me", "You", true), ...names.map((name, number) => tile(`p${number}`, name, false))];
  document.querySelector("#tiles")?.replaceChildren(...tiles);
}

async function look() {
  const { standing, names } = await (await fetch("/standing")).json();
  if (standing !== shown) {
    shown = standing;
    if (standing === "prejoin") prejoin();
    else if (standing === "in_call") call();
    else if (standing === "hangs") for (;;);
    else stage.replaceChildren(element("h1", {}, SAYS[standing]));
  }
  if (standing === "in_call") people(names);
  setTimeout(look, 100);
}
look();
