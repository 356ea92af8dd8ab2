// The code of this minute: fetched anew when it changes. Without this script the page loads itself again.
"use strict";

const AGAIN = 5; // seconds, where the network was away

function wait(shown) {
  setTimeout(() => renew(shown), 1000 * Number(shown.dataset.seconds) + 200);
}

async function renew(shown) {
  const fresh = await fetched().catch(() => null);
  if (!fresh) return goOn(shown);
  shown.replaceWith(fresh);
  wait(fresh);
}

async function fetched() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
  if (!answer.ok) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".code-of-now");
}

/** An old code is worth nothing: it is taken away, and the network asked again soon. */
function goOn(shown) {
  shown.querySelector(".code-tile")?.remove();
  shown.querySelector("[role=status]").textContent = shown.dataset.gone;
  shown.dataset.seconds = AGAIN;
  wait(shown);
}

/** Timers sleep in a pocket: what is shown again is looked at again. */
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) renew(document.querySelector(".code-of-now"));
});
wait(document.querySelector(".code-of-now"));
