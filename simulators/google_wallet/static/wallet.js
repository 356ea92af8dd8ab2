// Keeps the page equal to the phone: looks again whenever the simulator says that something changed.

import { showBehind } from "./behind.js";
import { drawCard, drawDetails } from "./card.js";
import { clock, speak, word } from "./words.js";

const by = (id) => document.getElementById(id);
let held = null;
let chosen = decodeURIComponent(location.hash.slice(1));
let drawn = "";
let turn = null;

async function look() {
  const answer = await fetch("/phone", { headers: { Accept: "application/json" } });
  if (answer.ok) show(await answer.json());
}

function show(all) {
  const added = held && all.cards.find((card) => !held.cards.some((one) => one.id === card.id));
  if (added) chosen = added.id;
  held = all;
  speak(all.language);
  if (!all.cards.some((card) => card.id === chosen)) chosen = all.cards.at(-1)?.id ?? "";
  const front = all.cards.find((card) => card.id === chosen);
  showStack(all.cards, front);
  for (const one of document.querySelectorAll("[data-needs-card]")) one.disabled = !front;
  for (const one of document.querySelectorAll("[data-language]")) {
    one.setAttribute("aria-pressed", one.dataset.language === all.language);
  }
  turnWith(front);
  showBehind(all, front);
}

// A code that rotates is drawn anew when its time is over.
function turnWith(front) {
  clearTimeout(turn);
  const seconds = front?.barcode?.seconds_left ?? null;
  turn = seconds === null ? null : setTimeout(look, seconds * 1000 + 50);
}

function showStack(cards, front) {
  by("empty").hidden = cards.length > 0;
  const looks = JSON.stringify([cards, chosen, held.language], (name, value) => (name === "seconds_left" ? 0 : value));
  if (looks === drawn) return;
  drawn = looks;
  const order = [...cards.filter((card) => card !== front), front].filter(Boolean);
  by("stack").replaceChildren(
    ...order.map((card) => drawCard(card, { front: card === front, choose: () => choose(card.id) })),
  );
  by("details").replaceChildren(...(front ? drawDetails(front) : []));
}

function choose(id) {
  chosen = id;
  show(held);
}

async function act(path, body) {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(`/control/phone/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  await look();
  return answer;
}

function wire() {
  by("remove").addEventListener("click", () => confirm(word("sure")) && act("remove", { object: chosen }));
  for (const one of document.querySelectorAll("[data-language]")) {
    one.addEventListener("click", () => act("language", { language: one.dataset.language }));
  }
  by("add").addEventListener("submit", addByLink);
  if (document.body.dataset.join) Object.assign(by("join"), { href: document.body.dataset.join, hidden: false });
}

async function addByLink(event) {
  event.preventDefault();
  const answer = await act("save", { url: event.target.elements.url.value });
  by("refused").textContent = answer.ok ? "" : ((await answer.json()).error ?? word("failed"));
}

function follow() {
  let timer = null;
  const stream = new EventSource("/events");
  stream.onmessage = look;
  stream.onopen = () => (timer = clearInterval(timer));
  stream.onerror = () => (timer ??= setInterval(look, 3000)); // the stream comes back by itself
}

const tick = () => (by("clock").textContent = clock(Date.now()).slice(0, 5));

wire();
tick();
setInterval(tick, 5000);
look().then(follow, follow);
