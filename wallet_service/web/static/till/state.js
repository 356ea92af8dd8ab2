// What the server said last about this till: who stands here, which programs, which limits.

import { dropFact, fact, keepFact } from "./store.js";
import { slow, slowAfter, timed } from "./pulse.js";
import { NoNetwork, send } from "./wire.js";

let known = null;

export const state = () => known;

// Without a network: what is kept.
export async function refresh() {
  try {
    const ask = () => send("GET", "/till/state", undefined, { patience: 2 * slow() });
    return await keep(await timed(ask, { said: (problem) => !(problem instanceof NoNetwork) }));
  } catch (problem) {
    known ??= (await fact("state").catch(() => null)) ?? null;
    if (!known || !(problem instanceof NoNetwork)) throw problem;
    return known;
  }
}

// Whoever opens this till next without a network finds nobody signed in.
export const forget = () => dropFact("state");

async function keep(said) {
  known = said;
  slowAfter(said.offline.slow_seconds);
  await keepFact("state", { ...said, csrf: "" }).catch(() => {}); // a browser that keeps nothing still works online
  return known;
}
