// Hears what a page plays by itself, beside the call: of each sound its loudest frequency, how loud, and on which output.

window.played = [];
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () {
  if (!this.srcObject) this.addEventListener("playing", () => hear(this), { once: true });
  return play.call(this);
};

async function hear(player) {
  const one = { sink: player.sinkId, hz: 0, level: 0, ended: false };
  window.played.push(one);
  const context = new AudioContext();
  await context.resume();
  const meter = new AnalyserNode(context, { fftSize: 4096 });
  context.createMediaStreamSource(player.captureStream()).connect(meter);
  const levels = new Uint8Array(meter.frequencyBinCount);
  while (!player.ended) {
    meter.getByteFrequencyData(levels);
    const loudest = levels.indexOf(Math.max(...levels));
    if (levels[loudest] > one.level) Object.assign(one, { level: levels[loudest], hz: (loudest * context.sampleRate) / meter.fftSize });
    await new Promise(requestAnimationFrame);
  }
  one.ended = true;
}
