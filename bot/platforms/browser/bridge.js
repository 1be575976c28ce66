// The page bridge: what a meeting's page takes for a microphone is the bot's voice, and what it plays, the bot hears.
// Injected before the page's own scripts. Everything goes through two AudioContexts, which give a steady clock, mix and
// resample; there is nothing here for a content security policy to forbid.
(() => {
  const VOICE_RATE = 24000;
  const EAR_RATE = 16000;
  const LEAD_S = 0.06; // how far ahead of the clock sound is laid, so that a late frame leaves no hole
  const MOST_AHEAD_S = 0.5;
  const PIECE = EAR_RATE / 50;

  // ---- the bot's voice ------------------------------------------------------------------------------------------

  let voice; // made when a page first asks for a microphone
  function mouth() {
    if (!voice) {
      const context = new AudioContext({ sampleRate: VOICE_RATE });
      const out = context.createMediaStreamDestination();
      voice = { context, out, next: 0, played: new Set() };
    }
    return voice;
  }

  function samples(text) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return Float32Array.from(new Int16Array(bytes.buffer), (sample) => sample / 32768);
  }

  /** Lay some of the bot's voice (base64 of int16 at 24 kHz) behind what is there already. */
  function play(text) {
    const { context, out, played } = mouth();
    const sound = samples(text);
    const now = context.currentTime;
    if (voice.next > now + MOST_AHEAD_S) {
      if (context.state !== "running") throw new Error(`the microphone's clock is ${context.state}`);
      return;
    }
    if (voice.next < now) voice.next = now + LEAD_S;
    const buffer = context.createBuffer(1, sound.length, VOICE_RATE);
    buffer.copyToChannel(sound, 0);
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(out);
    source.onended = () => played.delete(source);
    played.add(source);
    source.start(voice.next);
    voice.next += buffer.duration;
  }

  const devices = navigator.mediaDevices;
  if (devices) {
    // A clone each time: a page that stops its track must not silence the next one. There is no camera.
    devices.getUserMedia = async ({ audio } = {}) => {
      if (!audio) throw new DOMException("There is no camera.", "NotFoundError");
      const { context, out } = mouth();
      await context.resume();
      return new MediaStream(out.stream.getAudioTracks().map((track) => track.clone()));
    };
    const described = (kind, label) => ({ kind, label, deviceId: kind, groupId: "bot", toJSON: () => ({ kind, label }) });
    devices.enumerateDevices = async () => [described("audioinput", "The bot's voice"), described("audiooutput", "The bot's ear")];
  }

  // ---- what the bot hears -----------------------------------------------------------------------------------------

  let ear;
  const heard = new Set(); // ids of tracks, since one may be announced more than once
  function listen(track) {
    if (heard.has(track.id)) return;
    heard.add(track.id);
    if (!ear) {
      const context = new AudioContext({ sampleRate: EAR_RATE });
      const mix = context.createMediaStreamDestination();
      mix.channelCount = 1;
      ear = { context, mix };
      context.resume();
      hand(mix.stream.getAudioTracks()[0]);
    }
    const stream = new MediaStream([track]);
    const player = new Audio(); // Chromium decodes a remote track only while something plays it
    player.muted = true;
    player.srcObject = stream;
    player.play().catch(() => {});
    const source = ear.context.createMediaStreamSource(stream);
    source.connect(ear.mix);
    track.addEventListener("ended", () => {
      source.disconnect();
      player.srcObject = null;
      heard.delete(track.id);
    });
  }

  async function hand(track) {
    const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
    let pending = [];
    for (;;) {
      const { value: data, done } = await reader.read();
      if (done) return;
      const sound = new Float32Array(data.numberOfFrames);
      data.copyTo(sound, { planeIndex: 0, format: "f32-planar" });
      data.close();
      for (const sample of sound) pending.push(Math.max(-32768, Math.min(32767, Math.round(sample * 32768))));
      while (pending.length >= PIECE) {
        const bytes = new Uint8Array(Int16Array.from(pending.slice(0, PIECE)).buffer);
        pending = pending.slice(PIECE);
        globalThis.vivavoceHeard(btoa(String.fromCharCode(...bytes)));
      }
    }
  }

  globalThis.RTCPeerConnection = class extends globalThis.RTCPeerConnection {
    constructor(...args) {
      super(...args);
      this.addEventListener("track", ({ track }) => {
        if (track.kind === "audio") listen(track);
      });
    }
  };

  globalThis.vivavoceBridge = { play };
})();
