// What was booked without an answer waits here, signed, until the server has said what became of it.

import { ask } from "./net.js";
import { queueChanged } from "./news.js";
import { mark, possible, signature } from "./signing.js";
import { forget, state } from "./state.js";
import { answer, read, write } from "./store.js";
import { replay } from "./replay.js";
import { now } from "./wire.js";

export { replay };

// Without the digits of the moment that a live code adds.
const card = (code) => /^\d{19}/.exec(code)?.[0] ?? code;

// One press keeps its id: an attempt whose answer was lost comes back as a duplicate, never twice.
export async function put({ id, code, total = null, visits = null, receipt = null }) {
  const { till, operator, shift, offline } = state();
  const at = new Date(now()).toISOString().replace(/\.\d+Z$/, "Z");
  const facts = { id, till: till.id, operator: operator.id, shift, code, total, visits, receipt, at };
  const said = JSON.stringify(facts);
  const seal = { said, signature: await signature(till.id, said) };
  const kept = { ...facts, ...seal, card: await mark(card(code)), order: Date.now() };
  await write(["waiting"], (list) => add(list, kept, offline.most));
  queueChanged();
  return kept;
}

export const waiting = () => read(["waiting"], (list) => answer(list.count())).catch(() => 0);

export async function waitingList() {
  const list = await read(["waiting"], (all) => answer(all.getAll()));
  return list.sort((one, other) => one.order - other.order);
}

export async function verdicts() {
  const list = await read(["verdicts"], (all) => answer(all.getAll()));
  return list.sort((one, other) => other.order - one.order);
}

// Why this card cannot wait: "never" (this browser has no safe place), "full", "card" (often enough today).
export async function mayQueue(code) {
  if (!possible() || !state()?.shift) return "never";
  const { most, per_card_a_day: often } = state().offline;
  const asked = await mark(card(code));
  const [here, told] = await read(["waiting", "verdicts"], (...lists) => both(lists));
  if (here.length >= most) return "full";
  const today = [...here, ...told].filter((one) => one.card === asked && countsToday(one));
  return today.length >= often ? "card" : null;
}

// Before somebody signs out: how many still wait. Only at none is this till free to go; NoNetwork when nobody can.
export async function leave() {
  await replay();
  const left = await waiting();
  if (left) return left;
  await ask("GET", "/till/ping");
  await forget();
  return 0;
}

async function add(list, operation, most) {
  const [before, count] = [await answer(list.get(operation.id)), await answer(list.count())];
  if (before) return;
  if (count >= most) throw new RangeError("The queue is full.");
  await answer(list.add(operation));
}

const both = (lists) => Promise.all(lists.map((list) => answer(list.getAll())));

function countsToday({ at, verdict }) {
  return verdict !== "refused" && new Date(at).toDateString() === new Date(now()).toDateString();
}
