// Asks the server, as long as there is a network worth the name.

import { announce } from "./news.js";
import { online, probed, slow, timed, unplugged } from "./pulse.js";
import { refresh, state } from "./state.js";
import { idle } from "./store.js";
import { NoNetwork, Refused, send } from "./wire.js";

export { NoNetwork, Refused, online };

const FIRST_PROBE = 1000, LAST_PROBE = 30_000;

let nextProbe = null, probing = false, pause = FIRST_PROBE;

// Longer than what is merely slow: an answer on its way is worth a moment more.
const patience = () => 2 * slow();

export async function ask(method, path, body) {
  if (!online()) throw new NoNetwork("off");
  const said = (problem) => problem instanceof Refused;
  return asked(() => timed(() => tell(method, path, body, patience()), { said }));
}

// Beside the switch: for what waits anyway, and may take its time.
export function askPatiently(method, path, body) {
  return asked(() => tell(method, path, body, 10 * slow()));
}

export function start() {
  addEventListener("offline", unplugged);
  addEventListener("online", () => probeSoon(0));
  document.addEventListener("visibilitychange", () => probeSoon(0));
  document.addEventListener("till:network", () => probeSoon());
  if (navigator.onLine) announce(online());
  else unplugged();
}

const tell = (method, path, body, limit) => send(method, path, body, { csrf: state()?.csrf, patience: limit });

async function asked(once) {
  try {
    return await again(once);
  } catch (problem) {
    if (problem.status === 401) await signedOut();
    throw problem;
  }
}

// The token of a page that came from memory, or from before a sign-in, is an old one.
async function again(once) {
  try {
    return await once();
  } catch (problem) {
    if (problem.slug !== "stale-form") throw problem;
    await refresh();
    return once();
  }
}

async function signedOut() {
  await idle();
  const said = new CustomEvent("till:signed-out", { cancelable: true });
  if (document.dispatchEvent(said)) location.assign("/till/sign-in");
}

function probeSoon(after = pause) {
  if (online() || probing || (nextProbe && after)) return;
  clearTimeout(nextProbe);
  nextProbe = setTimeout(probe, after);
}

async function probe() {
  [nextProbe, probing] = [null, true];
  const well = probed(await outcome());
  probing = false;
  pause = well ? FIRST_PROBE : Math.min(2 * pause, LAST_PROBE);
  probeSoon(well ? 0 : pause);
}

async function outcome() {
  const began = performance.now();
  const ok = await send("GET", "/till/ping", undefined, { patience: slow() }).then(() => true, () => false);
  return { ok, ms: performance.now() - began };
}
