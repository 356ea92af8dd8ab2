// The card screen: the reward that is ready, the amount, the receipt, what it would get.

import { showAdjust } from "./adjust.js";
import { book } from "./booking.js";
import { ask, guest, inTurn } from "./desk.js";
import { drawCard, slotsOf } from "./guest.js";
import { asTyped, minorUnits } from "./numbers.js";
import { showPay } from "./pay.js";
import { showRefund } from "./refund.js";
import { fill, part, screen, show, wrong } from "./screens.js";
import { sound } from "./sounds.js";
import { waiting } from "./waiting.js";

const LOOK_MS = 250;

let receipt = null, quoted = null, later = 0;

export function showCard(answer, typed = "") {
  receipt = quoted = null;
  show("screen-card", { slots: { ...slotsOf(answer), receipt: null }, does: doings(answer), leave: () => clearTimeout(later) });
  drawCard(answer);
  part("#amount").value = typed;
  if (answer.looks_first) part("#amount").addEventListener("input", lookLater);
  if (answer.ready.length) sound("attention");
}

// The same card once more, after a question or a no.
export function again(typed) {
  if (guest?.screen) showCard({ ...guest.screen, kind: "card" }, typed);
  else waiting();
}

// What a receipt's code fills in; undefined where no card lies on the counter.
export function offerReceipt(scanned) {
  if (screen() !== "screen-card" && screen() !== "screen-offline") return undefined;
  if (scanned.refund) return screen() === "screen-card" ? showRefund(scanned) ?? true : undefined;
  receipt = scanned;
  wrong(null);
  fill(part(".screen"), { receipt, receipt_at: receipt.at });
  part("#amount").value = asTyped(receipt.total);
  part("#amount").dispatchEvent(new InputEvent("input", { bubbles: true }));
  part("#amount").focus();
  return true;
}

export function dropReceipt() {
  receipt = null;
  fill(part(".screen"), { receipt });
  part("#amount").focus();
}

// What was typed, as the server wants it; nothing after it was said that it is no amount.
export function purchaseTyped() {
  const total = minorUnits(part("#amount").value);
  if (!total) return void (wrong("amount"), sound("error"));
  return receipt && receipt.total === total ? { total, receipt: receipt.raw } : { total };
}

function doings(answer) {
  return {
    book() { const purchase = purchaseTyped(); if (purchase) inTurn(() => book("purchases", purchase)); },
    visit: () => inTurn(() => book("purchases", { visits: 1 })),
    give: (event) => inTurn(() => book("rewards", { reward: rewardOf(event) })),
    pay() { const purchase = purchaseTyped(); if (purchase) inTurn(() => showPay(answer, purchase.total, quoted)); },
    adjust: () => showAdjust(answer),
    next: () => waiting(),
    dropReceipt,
  };
}

export const rewardOf = (event) => event.target.closest("[data-of]").dataset.of;

// Once the fingers rest.
function lookLater() {
  clearTimeout(later);
  quoted = null;
  later = setTimeout(look, LOOK_MS);
}

// Points that are money say it once.
export const worthOf = ({ can_pay_text: points, pays_text: money }) => (points === money ? null : `= ${money}`);

async function look() {
  const total = minorUnits(part("#amount").value), quote = part(".quote");
  quote.hidden = true;
  if (!total) return;
  try {
    const answer = await ask("POST", `/till/cards/${guest.serial}/quotes`, { total });
    if (!quote.isConnected || minorUnits(part("#amount").value) !== total) return;
    quoted = answer;
    fill(quote, answer);
    quote.hidden = !(answer.discount_text || answer.earn_text);
    if (answer.can_pay) fill(part(".pay"), { quoted, unquoted: null, can_pay_text: answer.can_pay_text, pays_text: worthOf(answer) });
  } catch { /* a look is a courtesy: booking says what is wrong */ }
}
