// From whatever was scanned, typed or seen to the right screen.

import { again, offerReceipt, showCard } from "./card.js";
import { ask, guest, inTurn, newKey, painted, setGuest } from "./desk.js";
import { receiptIn } from "./fiscal.js";
import { NoNetwork, online } from "./net.js";
import { showBooked } from "./booked.js";
import { isCard } from "./numbers.js";
import { refuse, showNo } from "./noes.js";
import { askAgain } from "./again.js";
import { notice } from "./notice.js";
import { showOffline } from "./offline.js";
import { book, proofWanted } from "./booking.js";
import { part, screen } from "./screens.js";
import { sound } from "./sounds.js";

const SAME_CODE_MS = 5000;
const DIGITS = /^1\d{18}(?:\d{8})?$/;

let before = { code: "", at: -Infinity };

// `at` is the moment of the last key, or of the picture.
export function scanned(code, at = performance.now()) {
  if (isAgain(code, at)) return notice("same");
  const receipt = receiptIn(code);
  sound("read");
  if (receipt) inTurn(() => offerReceipt(receipt) ?? placeless(receipt));
  else inTurn(() => read(code, at));
}

// However it was found: a card screen of the server, with what was scanned, if it was.
export function showAnswer(answer, code, how = {}) {
  setGuest({ serial: answer.card.serial, code, screen: answer });
  if (answer.kind === "booked") return showBooked(answer, { what: "purchases" });
  if (answer.asks) return askAgain(answer.asks.said, () => book("purchases", { visits: 1, confirmed: true }, how.key));
  showCard(answer);
}

// A return is no matter for a till without a network, whether a card lies there or not.
function placeless(receipt) {
  const waits = receipt.refund && (screen() === "screen-offline" || !online());
  if (!waits) return showNo("card-first");
  notice("returns");
  sound("attention");
}

function isAgain(code, at) {
  const again = code === before.code && at - before.at < SAME_CODE_MS;
  if (!again) before = { code, at };
  return again;
}

async function read(code, at) {
  if (DIGITS.test(code) && !isCard(code)) return showNo("bad-card-number");
  const key = newKey(), typed = part("#amount")?.value, proof = screen() === "screen-proof" ? proofWanted() : null;
  try {
    const answer = await ask("POST", "/till/scans", { code, key });
    if (proof && answer.card.serial === guest.serial) await proof();
    else showAnswer(answer, code, { key });
  } catch (fault) {
    if (isCard(code) && fault instanceof NoNetwork) await showOffline(code, key);
    else refuse(fault, { back: guest?.screen && (() => again(typed)) });
  }
  painted(at);
}
