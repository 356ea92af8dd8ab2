// The green screen: what was booked and why, the new bar, and a minute to take it back.

import { book, takeBack } from "./booking.js";
import { again, rewardOf } from "./card.js";
import { inTurn, setLast } from "./desk.js";
import { drawCard, slotsOf } from "./guest.js";
import { halted } from "./halted.js";
import { askForProof } from "./proof.js";
import { part, show } from "./screens.js";
import { sound } from "./sounds.js";
import { waiting } from "./waiting.js";

const SIGNS = { rewards: "gift", undo: "back", refunds: "back" };
const TONES = { good: "good", gift: "good", back: "calm", nothing: "warn", before: "warn" };

export function showBooked(answer, { what, until = endOf(answer), quietly = false }) {
  const { entry } = answer, sign = signOf(answer, what);
  let ticking = 0;
  const slots = {
    ...slotsOf(answer), headline: entry.headline, why: entry.why, not_this_time: entry.not_this_time, sign_of: sign,
    more: answer.more && !entry.taken_back, undo: until > Date.now(), late: canBeLate(answer, sign) && until <= Date.now(),
  };
  if (!entry.before) setLast({ answer, what, until });
  if (!quietly) halted(false);
  show("screen-booked", { slots, does: doings(answer), leave: () => clearInterval(ticking) });
  part(".done").dataset.tone = TONES[sign];
  drawCard(answer);
  if (until > Date.now()) ticking = countDown(until, canBeLate(answer, sign));
  if (!quietly) sound(TONES[sign] === "warn" ? "attention" : "success");
}

const endOf = (answer) => Date.now() + (answer.undo_seconds ?? 0) * 1000;

function signOf({ entry }, what) {
  if (entry.before) return "before";
  if (entry.taken_back || SIGNS[what] === "back") return "back";
  if (SIGNS[what]) return SIGNS[what];
  return entry.nothing ? "nothing" : "good";
}

const canBeLate = ({ entry }, sign) => sign !== "back" && sign !== "before" && Boolean(entry.id);

function doings({ entry }) {
  return {
    undo: () => inTurn(() => takeBack(entry.id)),
    late: () => askForProof("screen-late", (pin) => takeBack(entry.id, pin)),
    more: () => inTurn(() => book("purchases", { visits: 1, confirmed: true })),
    give: (event) => inTurn(() => book("rewards", { reward: rewardOf(event) })),
    again: () => again(),
    next: () => waiting(),
  };
}

function countDown(until, offersLate) {
  const left = part("[data-left]"), undo = part(".undo"), late = part("[data-do=late]");
  const tick = () => {
    const seconds = Math.ceil((until - Date.now()) / 1000);
    left.textContent = Math.max(seconds, 0);
    if (seconds > 0) return;
    clearInterval(ticking);
    const focused = undo === document.activeElement;
    undo.hidden = true;
    late.hidden = !offersLate;
    if (focused) part("h1").focus();
  };
  const ticking = setInterval(tick, 250);
  tick();
  return ticking;
}
