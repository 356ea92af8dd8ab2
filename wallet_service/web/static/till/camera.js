// The camera: opens, looks, tells each code once, lights its torch, and rests while nobody sees the page.

import { look, preload } from "./reader.js";

export { preload };

const SAME_CODE_MS = 5000;
const BETWEEN_LOOKS_MS = 60;
const WANTED = {
  audio: false,
  video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } },
};

let shown = null; // { video, onCode } while somebody wants the camera
let stream = null, last = { code: null, at: 0 };

// Throws what the browser says: not allowed, not found, not free.
export async function open(video, onCode) {
  close();
  shown = { video, onCode };
  await run();
}

export function close() {
  rest();
  shown = null;
}

// Some phones lose the camera when an app comes back; one press brings it again.
export async function restart() {
  rest();
  if (shown) await run();
}

export const hasTorch = () => Boolean(abilities().torch);

// Answers whether it is lit now. Some cameras name a torch that they do not have.
export async function torch(on) {
  if (!hasTorch()) return false;
  try {
    await track().applyConstraints({ advanced: [{ torch: on }] });
    return on;
  } catch {
    return false;
  }
}

document.addEventListener("visibilitychange", () => {
  if (document.hidden) rest();
  else if (shown) restart().catch(() => {}); // its button is there
});

async function run() {
  const mine = shown;
  const opened = await media();
  if (shown !== mine || stream) return stop(opened); // closed, or opened again, while the browser asked
  stream = opened;
  mine.video.srcObject = opened;
  mine.video.setAttribute("playsinline", ""); // iOS would fill the screen
  mine.video.muted = true;
  await mine.video.play();
  watch(mine, opened);
}

function media() {
  if (!navigator.mediaDevices) throw new DOMException("Only over https.", "NotSupportedError");
  return navigator.mediaDevices.getUserMedia(WANTED);
}

async function watch({ video, onCode }, mine) {
  while (stream === mine) {
    const code = await look(video).catch(() => null);
    if (code && stream === mine && isNew(code)) onCode(code);
    await new Promise((next) => { setTimeout(next, BETWEEN_LOOKS_MS); });
  }
}

// A phone that is held still is one scan, however long.
function isNew(code) {
  const now = performance.now();
  const isSame = code === last.code && now - last.at < SAME_CODE_MS;
  last = { code, at: now };
  return !isSame;
}

function rest() {
  if (!stream) return;
  stop(stream);
  stream = null;
  if (shown) shown.video.srcObject = null;
}

const stop = (opened) => opened.getTracks().forEach((one) => one.stop());
const track = () => stream?.getVideoTracks()[0];
const abilities = () => track()?.getCapabilities?.() ?? {};
