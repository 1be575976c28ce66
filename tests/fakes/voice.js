// A microphone that says what a test has it say, in place of the browser's own.

const context = new AudioContext();
const out = context.createMediaStreamDestination();

MediaDevices.prototype.getUserMedia = async () => {
  await context.resume();
  return new MediaStream(out.stream.getAudioTracks().map((track) => track.clone()));
};

/** Say a sound file (base64); resolves when it is at its end. */
window.say = async (file) => {
  const bytes = Uint8Array.from(atob(file), (letter) => letter.charCodeAt(0));
  const source = new AudioBufferSourceNode(context, { buffer: await context.decodeAudioData(bytes.buffer) });
  source.connect(out);
  const over = new Promise((end) => (source.onended = end));
  source.start();
  await over;
};
