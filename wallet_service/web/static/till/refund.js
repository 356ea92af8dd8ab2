// Goods came back: the receipt says so, and which purchase it was may have to be chosen.

import { book } from "./booking.js";
import { guest, inTurn } from "./desk.js";
import { asWritten } from "./numbers.js";
import { show } from "./screens.js";
import { sound } from "./sounds.js";
import { waiting } from "./waiting.js";

export function showRefund(receipt) {
  show("screen-refund", {
    slots: { sum: asWritten(receipt.total, guest.screen.sign), receipt_at: receipt.at },
    does: { yes: () => inTurn(() => book("refunds", { receipt: receipt.raw })), next: () => waiting() },
  });
  sound("attention");
}

export function chooseReceipt(purchases, take) {
  const choose = (event) => inTurn(() => take(event.target.closest("[data-of]").dataset.of));
  const items = purchases.map((one) => ({ id: one.receipt, total_text: one.total_text, at: one.at }));
  show("screen-choose", { slots: { purchases: items }, does: { choose, next: () => waiting() } });
  sound("attention");
}
