// What every open page of this till should know: is there a network, what waits, what was settled.

import { answer, read } from "./store.js";

const others = new BroadcastChannel("till");
others.onmessage = ({ data }) => show(data);

let online = true;

// For the page: one quiet word and the number of what waits.
export async function announce(isOnline = online) {
  online = isOnline;
  const waiting = await read(["waiting"], (list) => answer(list.count())).catch(() => 0);
  say("till:network", { online, waiting });
}

// The queue is another one now: here and in every other tab.
export function queueChanged(verdicts = []) {
  others.postMessage(verdicts);
  show(verdicts);
}

function show(verdicts) {
  if (verdicts.length) say("till:verdicts", verdicts);
  announce();
}

const say = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
