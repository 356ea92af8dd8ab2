// Whether the network can be relied on: by the last five outcomes, as pretixSCAN does it.

import { announce } from "./news.js";

const REMEMBERED = 5, ERRORS = 2, GOOD_PROBES = 2;

let outcomes = []; // { ok, ms }
let isOnline = true, good = 0, slowest = 3000;

export const online = () => isOnline;
export const slow = () => slowest;
export const slowAfter = (seconds) => { slowest = seconds * 1000; };

// An answer is an outcome, whatever it says; none is an error.
export async function timed(ask, { said = () => true } = {}) {
  const began = performance.now();
  try {
    const answered = await ask();
    note({ ok: true, ms: performance.now() - began });
    return answered;
  } catch (problem) {
    note({ ok: said(problem), ms: performance.now() - began });
    throw problem;
  }
}

// One quick good probe may be luck.
export function probed({ ok, ms }) {
  good = ok && ms <= slowest ? good + 1 : 0;
  if (good >= GOOD_PROBES) turn(true);
  return good > 0;
}

export const unplugged = () => turn(false);

function note(outcome) {
  outcomes = [...outcomes, outcome].slice(-REMEMBERED);
  const answered = outcomes.filter((one) => one.ok);
  const errors = outcomes.length - answered.length;
  if (errors >= ERRORS || (answered.length > 1 && average(answered) > slowest)) turn(false);
}

const average = (all) => all.reduce((sum, one) => sum + one.ms, 0) / all.length;

function turn(on) {
  if (on === isOnline) return;
  isOnline = on;
  outcomes = [];
  good = 0;
  announce(on);
}
