// Makes the page an app: it opens without a network, sends what waits, and is kept when the browser tidies up.

import { askPatiently } from "./net.js";
import { online } from "./pulse.js";
import { replay, waiting } from "./queue.js";
import { number, possible } from "./signing.js";
import { state } from "./state.js";

const FIRST_PAUSE = 15_000, LAST_PAUSE = 300_000;

export function install() {
  navigator.serviceWorker?.register("/till/worker.js", { scope: "/till", updateViaCache: "none" });
  navigator.storage?.persist?.();
  if (!possible() || !state()?.signed_in) return;
  number(state().till.id, askPatiently).catch(() => {}); // else told at the first replay
  document.addEventListener("till:network", ({ detail }) => { if (detail.online && detail.waiting) replay(); });
  addEventListener("online", () => replay());
  replay();
  again(FIRST_PAUSE);
}

// Longer and longer between two attempts that settle nothing.
function again(pause) {
  setTimeout(async () => {
    const before = await waiting();
    if (before && online()) await replay();
    again(before && before === await waiting() ? Math.min(2 * pause, LAST_PAUSE) : FIRST_PAUSE);
  }, pause);
}
