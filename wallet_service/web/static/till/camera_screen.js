// The camera as a scanner.

import * as camera from "./camera.js";
import { scanned } from "./flow.js";
import { typeNumber } from "./number.js";
import { part, show, wrong } from "./screens.js";
import { waiting } from "./waiting.js";

export async function showCamera() {
  show("screen-camera", { does: { restart: open, torch, number: () => typeNumber(), next: () => waiting() }, leave: () => camera.close() });
  await open();
}

async function open() {
  wrong(null);
  try {
    await camera.open(part("video"), (code) => scanned(code.trim()));
    const light = part("[data-do=torch]");
    if (light) light.hidden = !camera.hasTorch();
  } catch (fault) {
    if (part("video")) wrong(fault.name === "NotAllowedError" ? "denied" : "none");
  }
}

async function torch() {
  const button = part("[data-do=torch]"), on = button.getAttribute("aria-pressed") !== "true";
  button.setAttribute("aria-pressed", await camera.torch(on));
}
