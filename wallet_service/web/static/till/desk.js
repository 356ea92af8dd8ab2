// What lies on the counter: whom to ask, which card, and one thing at a time.

import * as net from "./net.js";
import * as practice from "./practice.js";
import { busy } from "./screens.js";

let line = Promise.resolve();

// The card at hand: {serial, code, screen}; `code` is null when it was found by phone.
export let guest = null;
export const setGuest = (next) => { guest = next; };

// The booking before this one, for as long as somebody may want to see it again.
export let last = null;
export const setLast = (next) => { last = next; };

export const ask = (method, path, body) => (practice.isOn() ? practice : net).ask(method, path, body);

// A scan that comes while a booking is on its way waits for it.
export function inTurn(work) {
  line = line.then(async () => {
    busy(true);
    try { await work(); } finally { busy(false); }
  }).catch((fault) => reportError(fault));
  return line;
}

// One press of one button: however often it is sent, it counts once.
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes)).replace(/[+/=]/g, (sign) => ({ "+": "-", "/": "_", "=": "" })[sign]);
}

// From a key or a tap to what somebody sees, where a benchmark can read it.
export function painted(since) {
  if (since === undefined) return;
  requestAnimationFrame(() => setTimeout(() => performance.measure("till:scan-to-paint", { start: since, end: performance.now() })));
}
