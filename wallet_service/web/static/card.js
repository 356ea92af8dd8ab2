// The card page: looks again every few seconds, copies its link. Without it the page is whole, only still.
"use strict";

const EVERY = 3000;

async function lookAgain() {
  const shown = document.querySelector("[data-state]");
  if (!shown || document.hidden) return;
  const address = location.pathname.replace(/\/$/, "");
  const answer = await fetch(`${address}/state`, { headers: { Accept: "application/json" } });
  if (!answer.ok || (await answer.json()).state === shown.dataset.state) return;
  const page = await (await fetch(location.href, { headers: { Accept: "text/html" } })).text();
  const fresh = new DOMParser().parseFromString(page, "text/html").querySelector("[data-state]");
  if (!fresh) return;
  showNew(shown, fresh, ".card");
  showNew(shown, fresh, ".told");
  shown.dataset.state = fresh.dataset.state;
}

function showNew(shown, fresh, part) {
  const [before, now] = [shown.querySelector(part), fresh.querySelector(part)];
  if (before && now) before.replaceWith(now);
}

function offerCopy(button) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = button.dataset.done;
  });
}

document.querySelectorAll("[data-copy]").forEach(offerCopy);
setInterval(() => lookAgain().catch(() => {}), EVERY);
