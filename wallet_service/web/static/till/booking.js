// One press that books, with everything that may come before it counts: a question, a proof, a choice, no network.

import { askAgain } from "./again.js";
import { showBooked } from "./booked.js";
import { again } from "./card.js";
import { chooseReceipt } from "./refund.js";
import { ask, guest, newKey, setGuest } from "./desk.js";
import { NoNetwork } from "./net.js";
import { refuse } from "./noes.js";
import { keep } from "./offline.js";
import { askForProof } from "./proof.js";
import { part, wrong } from "./screens.js";
import { sound } from "./sounds.js";

let wanted = null;

// What a scan of the live code would finish.
export const proofWanted = () => wanted;

// `what` is the last part of the address: purchases, payments, rewards, refunds, adjustments.
export async function book(what, body, key = newKey()) {
  const more = (change) => book(what, { ...body, ...change }, key);
  try {
    booked(await ask("POST", `/till/cards/${guest.serial}/${what}`, { key, ...body }), what);
  } catch (fault) {
    if (fault instanceof NoNetwork && what === "purchases" && guest.code) return keep(body, key);
    if (!comesBack(fault, more)) refuse(fault, { retry: () => more({}), back: again });
  }
}

export async function takeBack(entry, proof = {}, key = newKey()) {
  const late = (pin) => takeBack(entry, pin, key);
  try {
    booked(await ask("POST", `/till/entries/${entry}/undo`, { key, ...proof }), "undo");
  } catch (fault) {
    if (fault.slug === "too-late-to-undo") askForProof("screen-late", late);
    else if (!pinIsWrong(fault)) refuse(fault, { retry: () => late(proof), back: again });
  }
}

function booked(answer, what) {
  setGuest({ ...guest, serial: answer.card.serial, screen: answer });
  showBooked(answer, { what });
}

// What is no refusal yet; true when another screen took over.
function comesBack(fault, more) {
  wanted = () => more({});
  if (fault.slug === "ask-first") askAgain(fault.problem.said, () => more({ confirmed: true }));
  else if (fault.slug === "step-up-needed" || fault.slug === "live-code-needed") askForProof("screen-proof", more);
  else if (fault.slug === "choose-receipt") chooseReceipt(fault.problem.purchases, (of) => more({ of }));
  else return pinIsWrong(fault);
  return true;
}

// Whoever typed it types it again.
function pinIsWrong(fault) {
  const field = part("#pin");
  if (fault.slug !== "wrong-pin" || !field) return false;
  field.value = "";
  field.focus();
  wrong("said", fault.problem.said?.text ?? fault.problem.title);
  sound("error");
  return true;
}
