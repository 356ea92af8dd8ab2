// The card that lies on the counter, as slots for a screen, and its bar.

import { part } from "./screens.js";

export function slotsOf({ card, ready, pay, by_visit: byVisit, sign }) {
  return {
    ...card, tail: tail(card.tail), ready, by_visit: byVisit, sign,
    pay, pay_text: pay?.text,
    tier: card.tier, tier_name: card.tier?.name, benefits: card.tier?.benefits,
    known: card.serial,
  };
}

export const tail = (digits) => digits && `··· ${digits}`;

// Colours and the bar are no text: they go onto the screen after it is shown.
export function drawCard({ card }) {
  const figure = part("[data-colours]"), bar = part("[data-drawn=bar]");
  for (const [name, colour] of [["--card", card.colours.card], ["--card-ink", card.colours.ink], ["--card-soft", card.colours.soft]]) figure.style.setProperty(name, colour);
  bar.innerHTML = card.bar;
  bar.firstElementChild?.setAttribute("preserveAspectRatio", "xMidYMid slice"); // a small screen shows less of its ground
  bar.setAttribute("aria-valuemax", card.goal);
  bar.setAttribute("aria-valuenow", Math.min(Math.max(card.value, 0), card.goal));
  bar.setAttribute("aria-valuetext", card.progress_text);
}
