// Sends what waits, and turns each answer into a verdict that stays.

import { askPatiently } from "./net.js";
import { queueChanged } from "./news.js";
import { number, possible } from "./signing.js";
import { state } from "./state.js";
import { answer, read, write } from "./store.js";
import { now, NoNetwork } from "./wire.js";

const AT_ONCE = 50;
const TEMPORARY = [401, 403, 408, 425, 429, 503];
const KEPT_DAYS = 7;
const HOUR = 3600 * 1000;

let running = null;

// Of all tabs one sends at a time. Whatever cannot be sent now waits on; nothing is thrown.
export async function replay() {
  if (!possible()) return;
  running ??= navigator.locks.request("till-replay", rounds).finally(() => { running = null; });
  await running;
}

async function rounds() {
  try {
    while (await round());
  } catch (problem) {
    if (!(problem instanceof NoNetwork) && !problem.status) throw problem;
  }
}

// One look at the queue; true: something was settled, look again.
async function round() {
  const list = await oldest();
  return list.length > 0 && (await deal(list)) > 0;
}

async function oldest() {
  const list = await read(["waiting"], (all) => answer(all.getAll()));
  return list.sort((one, other) => one.order - other.order).slice(0, AT_ONCE);
}

// Answers how many were settled. One that the server stumbles over must not hold up the others.
async function deal(list) {
  try {
    return await settle(list, await verdictsOf(list));
  } catch (problem) {
    if (!isAbout(problem)) throw problem;
    return list.length === 1 ? settle(list, [alone(list[0], problem)]) : oneByOne(list);
  }
}

async function oneByOne(list) {
  let settled = 0, inVain = 0;
  for (const one of list) {
    const done = await deal([one]);
    settled += done;
    inVain = done ? 0 : inVain + 1;
    if (inVain === 2) break; // it is not these two, it is the server
  }
  return settled;
}

async function verdictsOf(list) {
  const operations = await Promise.all(list.map(sealed));
  return (await askPatiently("POST", "/till/operations", { operations })).verdicts;
}

async function sealed({ till, said, signature }) {
  const tell = till === state()?.till?.id ? askPatiently : unknown;
  return { said, key: await number(till, tell), signature };
}

// The key of a till that this browser is no more: if nobody told it then, the server says so now.
const unknown = async () => ({ key: 0 });

const isAbout = (problem) => problem.why === "broken" || (problem.status && !TEMPORARY.includes(problem.status));

function alone(operation, { status, problem }) {
  if (status) return { id: operation.id, verdict: "refused", said: problem.said ?? null };
  return { id: operation.id, verdict: "later", said: null };
}

// What nobody could settle for days, nobody will: without words of the server, the page has its own.
function unlessTooOld(one) {
  const isOld = now() - Date.parse(one.at) > state().offline.hours * HOUR;
  return one.verdict === "later" && isOld ? { ...one, verdict: "refused", said: null } : one;
}

// In one step: whoever pulls the plug before it sends again and hears "duplicate"; after it all is told.
async function settle(list, told) {
  const asked = new Map(list.map((one) => [one.id, one]));
  const known = told.filter(({ id }) => asked.has(id)).map((one) => remembered(asked.get(one.id), one));
  const fresh = known.map(unlessTooOld).filter(({ verdict }) => verdict !== "later");
  if (!fresh.length) return 0;
  await write(["waiting", "verdicts"], (waiting, verdicts) => move(fresh, waiting, verdicts));
  queueChanged(fresh);
  return fresh.length;
}

function remembered({ id, card, code, at, total, visits, order }, { verdict, said, card_tail, headline, entry }) {
  const told = { verdict, said, headline: headline ?? null, entry: entry ?? null };
  return { ...told, id, card, card_tail: card_tail ?? code.slice(15, 19), at, total, visits, order };
}

async function move(fresh, waiting, verdicts) {
  for (const one of fresh) {
    waiting.delete(one.id);
    verdicts.put(one);
  }
  for (const one of await answer(verdicts.getAll())) {
    if (now() - one.order > KEPT_DAYS * 24 * HOUR) verdicts.delete(one.id);
  }
}
