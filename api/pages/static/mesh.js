// One RTCPeerConnection to each of the others. The newcomer offers; media outlives signalling (docstring of `api/room`).

const CONNECT_WITHIN_MS = 12000;
const BROKEN_AFTER_MS = 4000;

/**
 * Events: `change` (who is there, or who is connected), `sound` ({id, stream}), `silence` ({id}),
 * `broken` (a connection that should work does not: the line has to say hello again).
 */
export class Mesh extends EventTarget {
  #send;
  #role;
  #track = null;
  #iceServers = [];
  #members = new Map();
  #claimed = new Set();
  #work = Promise.resolve();

  /** send: takes a frame for the line. role: of this page's link. */
  constructor(send, role) {
    super();
    this.#send = send;
    this.#role = role;
  }

  /** Everybody else: `[{id, name, role, muted, connected, present}]`. */
  get people() {
    return [...this.#members.values()].map(({ card, pc, present }) => ({
      id: card.participant_id,
      name: card.name,
      role: card.role,
      muted: card.muted,
      connected: pc?.connectionState === "connected",
      present,
    }));
  }

  get connected() {
    return this.people.some((person) => person.connected);
  }

  /** The participants a hello may claim to still have media with. */
  claim() {
    this.#claimed = new Set(this.people.filter((person) => person.connected).map((person) => person.id));
    return [...this.#claimed];
  }

  /** The microphone's track, or null; goes to everybody, now and later. */
  speakWith(track) {
    this.#track = track;
    for (const { pc } of this.#members.values()) {
      if (this.#role === "observer" || !pc) continue;
      for (const transceiver of pc.getTransceivers()) transceiver.sender.replaceTrack(track);
    }
  }

  welcome(frame) {
    this.#iceServers = frame.ice_servers;
    const listed = new Set(frame.peers.map((peer) => peer.participant_id));
    for (const member of this.#members.values()) {
      if (!listed.has(member.card.participant_id)) this.#absent(member);
    }
    frame.interview.removed.forEach((id) => this.remove(id));
    for (const card of frame.peers) {
      const member = this.#meet(card);
      if (!(this.#claimed.has(card.participant_id) && connected(member))) this.#inOrder(() => this.#offer(member));
    }
    this.#changed();
  }

  joined(card) {
    const member = this.#meet(card);
    if (!card.live) this.#watch(member);
    else if (!connected(member)) this.#inOrder(() => this.#offer(member));
    this.#changed();
  }

  left({ participant_id: id, peer_id: peerId, dropped }) {
    const member = this.#members.get(id);
    if (!member || member.card.peer_id !== peerId) return;
    if (dropped) this.#absent(member);
    else this.#forget(member);
    this.#changed();
  }

  /** End the media with somebody, whatever became of their line. */
  remove(id) {
    const member = this.#members.get(id);
    if (!member) return;
    this.#forget(member);
    this.#changed();
  }

  muted({ participant_id: id, muted }) {
    const member = this.#members.get(id);
    if (member) member.card.muted = muted;
    this.#changed();
  }

  signal(frame) {
    const member = [...this.#members.values()].find(({ card }) => card.peer_id === frame.from);
    if (member) this.#inOrder(() => this.#take(member, frame.data));
  }

  close() {
    for (const member of [...this.#members.values()]) this.#forget(member);
  }

  /** RTC statistics of everybody's connection by participant, for those who look closer. */
  async stats() {
    const read = [...this.#members.values()].filter(({ pc }) => pc);
    return Object.fromEntries(
      await Promise.all(read.map(async ({ card, pc }) => [card.participant_id, [...(await pc.getStats()).values()]])),
    );
  }

  // ---- one member ----------------------------------------------------------------------------------------------

  #meet(card) {
    const id = card.participant_id;
    const member = this.#members.get(id) ?? { pc: null, early: [], timer: 0 };
    member.card = { ...card };
    member.present = true;
    this.#members.set(id, member);
    return member;
  }

  /** Signalling says that they are gone; the media tells whether that is so. */
  #absent(member) {
    member.present = false;
    if (!connected(member)) this.#forget(member);
  }

  #forget(member) {
    this.#members.delete(member.card.participant_id);
    this.#unplug(member);
  }

  #unplug(member) {
    clearTimeout(member.timer);
    member.early = [];
    if (!member.pc) return;
    member.pc.onconnectionstatechange = member.pc.onicecandidate = member.pc.ontrack = null;
    member.pc.close();
    member.pc = null;
    this.#tell("silence", { id: member.card.participant_id });
  }

  /** The way sound flows, seen from here; null between two who only listen. */
  #direction(member) {
    const listens = this.#role === "observer";
    const listened = member.card.role === "observer";
    if (listens && listened) return null;
    if (listens) return "recvonly";
    return listened ? "sendonly" : "sendrecv";
  }

  #plug(member) {
    this.#unplug(member);
    const pc = new RTCPeerConnection({ iceServers: this.#iceServers, bundlePolicy: "max-bundle" });
    member.pc = pc;
    pc.onicecandidate = ({ candidate }) =>
      this.#signalTo(member, { candidate: candidate && pick(candidate, "candidate", "sdpMid", "sdpMLineIndex") });
    pc.ontrack = ({ track, receiver }) => {
      hurry(receiver);
      this.#tell("sound", { id: member.card.participant_id, stream: new MediaStream([track]) });
    };
    pc.onconnectionstatechange = () => this.#moved(member, pc);
    this.#watch(member);
    return pc;
  }

  #moved(member, pc) {
    if (member.pc !== pc) return;
    if (pc.connectionState === "connected") clearTimeout(member.timer);
    if (pc.connectionState === "disconnected") this.#watch(member, BROKEN_AFTER_MS);
    if (pc.connectionState === "failed" || pc.connectionState === "closed") this.#broken(member);
    this.#changed();
  }

  #watch(member, within = CONNECT_WITHIN_MS) {
    clearTimeout(member.timer);
    if (this.#direction(member) === null) return;
    member.timer = setTimeout(() => connected(member) || this.#broken(member), within);
  }

  #broken(member) {
    const expected = member.present;
    this.#unplug(member);
    if (!expected) this.#forget(member);
    else this.#tell("broken", { id: member.card.participant_id });
    this.#changed();
  }

  // ---- offers and answers --------------------------------------------------------------------------------------

  async #offer(member) {
    const direction = this.#direction(member);
    if (direction === null) return;
    const pc = this.#plug(member);
    pc.addTransceiver(this.#track && direction !== "recvonly" ? this.#track : "audio", { direction });
    await pc.setLocalDescription();
    this.#signalTo(member, { sdp: pick(pc.localDescription, "type", "sdp") });
  }

  async #take(member, { sdp, candidate }) {
    if (sdp?.type === "offer") await this.#answer(member, sdp);
    else if (sdp && member.pc?.signalingState === "have-local-offer") await member.pc.setRemoteDescription(sdp);
    else if (candidate) member.early.push(candidate);
    if (!member.pc?.remoteDescription) return;
    for (const early of member.early.splice(0)) await member.pc.addIceCandidate(early);
  }

  async #answer(member, offer) {
    const direction = this.#direction(member);
    if (direction === null) return;
    const pc = this.#plug(member);
    await pc.setRemoteDescription(offer);
    for (const transceiver of pc.getTransceivers()) {
      transceiver.direction = direction;
      if (direction !== "recvonly") await transceiver.sender.replaceTrack(this.#track);
    }
    await pc.setLocalDescription();
    this.#signalTo(member, { sdp: pick(pc.localDescription, "type", "sdp") });
  }

  #signalTo(member, data) {
    this.#send({ type: "signal", to: member.card.peer_id, data });
  }

  /** Descriptions and candidates are taken one after the other, as they came. */
  #inOrder(step) {
    this.#work = this.#work.then(step).catch((error) => console.warn("signalling step failed", error));
  }

  #changed() {
    this.#tell("change");
  }

  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

function connected(member) {
  return member.pc?.connectionState === "connected";
}

function pick(from, ...names) {
  return Object.fromEntries(names.map((name) => [name, from[name]]));
}

/** As little buffering at the ear as the browser allows: a voice that answers matters more than a perfect stream. */
function hurry(receiver) {
  if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = 0;
  if ("playoutDelayHint" in receiver) receiver.playoutDelayHint = 0;
}
