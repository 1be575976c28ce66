// The microphone, the speaker, and how loud each of them is.

const CONSTRAINTS = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const TEST_NOTES_HZ = [523.25, 659.25, 783.99];
const FLOOR_DB = -60;

/** One AudioContext for the page; made on the first click, because browsers keep it silent before one. */
export class Ears {
  #context = null;
  #meters = new Map();
  #samples = new Float32Array(1024);

  get context() {
    this.#context ??= new AudioContext({ latencyHint: "interactive" });
    if (this.#context.state === "suspended") this.#context.resume();
    return this.#context;
  }

  listen(id, stream) {
    this.forget(id);
    const source = this.context.createMediaStreamSource(stream);
    const analyser = this.context.createAnalyser();
    analyser.fftSize = this.#samples.length;
    source.connect(analyser);
    this.#meters.set(id, { source, analyser, level: 0 });
  }

  forget(id) {
    this.#meters.get(id)?.source.disconnect();
    this.#meters.delete(id);
  }

  /** Loudness of the last 20 ms or so, 0 (-60 dBFS and below) to 1; quick to rise, slow to fall. */
  level(id) {
    const meter = this.#meters.get(id);
    if (!meter) return 0;
    meter.analyser.getFloatTimeDomainData(this.#samples);
    const power = this.#samples.reduce((sum, sample) => sum + sample * sample, 0) / this.#samples.length;
    const now = Math.min(1, Math.max(0, 1 - (10 * Math.log10(power + 1e-12)) / FLOOR_DB));
    meter.level = Math.max(now, meter.level * 0.86);
    return meter.level;
  }

  /** Play three notes; resolves when they have been heard. */
  async playTest() {
    const context = this.context;
    const length = 0.28;
    TEST_NOTES_HZ.forEach((pitch, index) => {
      const at = context.currentTime + 0.05 + index * length;
      const tone = context.createOscillator();
      const volume = context.createGain();
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0, at);
      volume.gain.linearRampToValueAtTime(0.22, at + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.001, at + length);
      tone.connect(volume).connect(context.destination);
      tone.start(at);
      tone.stop(at + length);
    });
    await new Promise((done) => setTimeout(done, 1000 * (TEST_NOTES_HZ.length * length + 0.1)));
  }
}

/** Event `change`: another track, none (`track` null: unplugged), or one that the system keeps silent (`held`). */
export class Microphone extends EventTarget {
  #stream = null;
  #wanted = "";
  #watching = false;

  get stream() {
    return this.#stream;
  }

  get track() {
    return this.#stream?.getAudioTracks()[0] ?? null;
  }

  /** What the device calls itself. */
  get label() {
    return this.track?.label ?? "";
  }

  /** Whether the system gives no sound: a phone call, or a switch at the device. */
  get held() {
    return this.track?.muted ?? false;
  }

  get deviceId() {
    return this.track?.getSettings().deviceId ?? "";
  }

  /** Open a microphone; rejects as `getUserMedia` does. */
  async open(deviceId = this.#wanted) {
    if (!navigator.mediaDevices?.getUserMedia) throw new DOMException("not a secure page", "SecurityError");
    const muted = this.track ? !this.track.enabled : false;
    const audio = deviceId ? { ...CONSTRAINTS, deviceId: { exact: deviceId } } : CONSTRAINTS;
    const stream = await navigator.mediaDevices.getUserMedia({ audio });
    this.#wanted = deviceId;
    this.close();
    this.#stream = stream;
    this.track.enabled = !muted;
    this.track.onended = () => this.#lost();
    this.track.onmute = this.track.onunmute = () => this.#changed();
    this.#watch();
    this.#changed();
  }

  close() {
    if (this.track) this.track.onended = this.track.onmute = this.track.onunmute = null;
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = null;
  }

  mute(muted) {
    if (this.track) this.track.enabled = !muted;
  }

  /** `[{id, label}]` of what there is to choose from. */
  async choices() {
    const devices = await navigator.mediaDevices.enumerateDevices();
    return devices
      .filter((device) => device.kind === "audioinput")
      .map((device, index) => ({ id: device.deviceId, label: device.label || `Microphone ${index + 1}` }));
  }

  #lost() {
    this.#stream = null;
    this.#changed();
  }

  #watch() {
    if (this.#watching) return;
    this.#watching = true;
    navigator.mediaDevices.addEventListener("devicechange", () => this.#devicesChanged());
  }

  /** What was unplugged and plugged in again, or replaced by another, is opened without asking. */
  async #devicesChanged() {
    if (!this.#stream) {
      for (const id of [this.#wanted, ""]) {
        try {
          await this.open(id);
          return;
        } catch {
          continue;
        }
      }
    }
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}

/** Plays what the others say; event `blocked` when the browser wants a click first. */
export class Loudspeaker extends EventTarget {
  #place;
  #players = new Map();

  /** place: an element that holds the audio elements. */
  constructor(place) {
    super();
    this.#place = place;
  }

  play(id, stream) {
    this.stop(id);
    const player = document.createElement("audio");
    player.autoplay = true;
    player.dataset.participant = id;
    player.srcObject = stream;
    this.#place.append(player);
    this.#players.set(id, player);
    this.#start(player);
  }

  stop(id) {
    const player = this.#players.get(id);
    if (!player) return;
    player.srcObject = null;
    player.remove();
    this.#players.delete(id);
  }

  /** Try again, from a click. */
  unblock() {
    for (const player of this.#players.values()) this.#start(player);
  }

  #start(player) {
    player.play().catch((error) => {
      if (error.name === "NotAllowedError") this.dispatchEvent(new Event("blocked"));
    });
  }
}
