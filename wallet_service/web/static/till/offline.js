// Without a network: only earning, kept on this till, and counted when the network is back.

import { again, dropReceipt, purchaseTyped } from "./card.js";
import { guest, inTurn, setGuest } from "./desk.js";
import { tail } from "./guest.js";
import { showNo } from "./noes.js";
import { asWritten, tailOf } from "./numbers.js";
import * as queue from "./queue.js";
import { showQueue } from "./queue_screen.js";
import { show } from "./screens.js";
import { sound } from "./sounds.js";
import { state } from "./state.js";
import { waiting } from "./waiting.js";

const FULL = { full: "till-full", card: "card-full", never: "cannot-keep" };

// `key` is that of the scan whose answer was lost: it may have booked.
export async function showOffline(code, key) {
  const full = await queue.mayQueue(code);
  if (full) return showNo(FULL[full]);
  setGuest({ serial: null, code, screen: null });
  const programs = state()?.programs ?? [];
  show("screen-offline", {
    slots: { tail: tail(tailOf(code)), sign: programs[0]?.sign, by_visit: programs.some((one) => one.by_visit), receipt: null },
    does: {
      book() { const purchase = purchaseTyped(); if (purchase) inTurn(() => keep(purchase, key)); },
      visit: () => inTurn(() => keep({ visits: 1 }, key)),
      next: () => waiting(),
      dropReceipt,
    },
  });
  sound("attention");
}

// With the key of the press whose answer was lost, so that nothing doubles.
export async function keep({ total = null, visits = null, receipt = null }, key) {
  const full = await queue.mayQueue(guest.code);
  if (full) return showNo(FULL[full], { back: guest.screen && again });
  await queue.put({ id: key, code: guest.code, total, visits, receipt });
  const sign = guest.screen?.sign ?? state()?.programs?.[0]?.sign;
  show("screen-kept", { slots: { visits, sum: total && asWritten(total, sign), tail: tail(tailOf(guest.code)) }, does: { next: () => waiting(), queue: showQueue } });
  sound("attention");
}
