// The till's own key: made here, never leaves this browser, signs what is booked without a network.

import { fact, keepFact } from "./store.js";

const KIND = { name: "ECDSA", namedCurve: "P-256" };
const HOW = { name: "ECDSA", hash: "SHA-256" };

// Only where the page came over https (or from this machine) does a browser hand out keys and locks.
export const possible = () => Boolean(globalThis.crypto?.subtle && navigator.locks && globalThis.indexedDB);

export async function signature(till, said) {
  const { pair } = await key(till);
  return inBase64(await crypto.subtle.sign(HOW, pair.privateKey, new TextEncoder().encode(said)));
}

// The number under which the server knows this till's key; told it when it does not.
export function number(till, ask) {
  return navigator.locks.request("till-key-number", async () => {
    const known = await key(till);
    if (known.number) return known.number;
    const told = await ask("POST", "/till/keys", { public_key: await publicHalf(known.pair) });
    await keepFact(place(till), { ...known, number: told.key });
    return told.key;
  });
}

// Tells cards apart, and nobody reads the number out of it once its operation is told and gone.
export async function mark(card) {
  return inBase64(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(card)));
}

// Two tabs that come at once make one key.
function key(till) {
  return navigator.locks.request("till-key", async () => {
    const kept = await fact(place(till));
    if (kept) return kept;
    const made = { pair: await crypto.subtle.generateKey(KIND, false, ["sign", "verify"]), number: null };
    await keepFact(place(till), made);
    return made;
  });
}

const place = (till) => `key of till ${till}`;
const publicHalf = async (pair) => inBase64(await crypto.subtle.exportKey("spki", pair.publicKey));
const inBase64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));
