// Saying no before the call: in at the door without sound, the consent refused, and out again.

import { Line } from "./line.js";

const WITHIN_MS = 4000;

/** Resolves when the room has been told, or can't be. */
export async function refuse(token) {
  const line = new Line(() => ({ type: "hello", token, consented: false, peers: [] }));
  await new Promise((resolve) => {
    setTimeout(resolve, WITHIN_MS);
    line.addEventListener("closed", resolve);
    line.addEventListener("open", () => {
      line.send({ type: "control", control: "withdraw" });
      resolve();
    });
    line.open();
  });
  line.leave();
}
