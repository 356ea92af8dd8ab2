// Keeps the page equal to the phone: looks again whenever the phone says that something changed.

import { showBehind } from "./behind.js";
import { drawCard } from "./card.js";
import { clock, speak, word } from "./words.js";

const phoneId = document.body.dataset.phone;
const here = encodeURIComponent(phoneId);
const by = (id) => document.getElementById(id);
let held = { cards: [], phone: null };
let chosen = decodeURIComponent(location.hash.slice(1));
let flipped = false;
let drawn = "";

async function look() {
  const answer = await fetch(`/phones/${here}`, { headers: { Accept: "application/json" } });
  if (answer.ok) show(await answer.json());
}

function show(all) {
  const added = held.phone && all.cards.find((card) => !held.cards.some((one) => one.serial === card.serial));
  if (added) [chosen, flipped] = [added.serial, false];
  held = all;
  speak(all.phone.language);
  if (!all.cards.some((card) => card.serial === chosen)) chosen = all.cards.at(-1)?.serial ?? "";
  const front = all.cards.find((card) => card.serial === chosen);
  showStack(all.cards, front);
  showTools(all.phone, front);
  showBehind(all.phone, front, all.cards);
}

function showStack(cards, front) {
  by("empty").hidden = cards.length > 0;
  by("stack").hidden = cards.length === 0;
  const looks = JSON.stringify([cards.map(look_of), chosen, flipped, held.phone.language]);
  if (looks === drawn) return;
  drawn = looks;
  const scrolled = document.querySelector(".back .scroll")?.scrollTop ?? 0;
  const order = [...cards.filter((card) => card !== front), front].filter(Boolean);
  by("stack").replaceChildren(...order.map((card) => drawCard(card, handles(card, card === front))));
  const back = document.querySelector(".back .scroll");
  if (back) back.scrollTop = scrolled;
}

// Only what is drawn: a new tag must not redraw the card.
const look_of = (card) =>
  [card.serial, card.version, card.voided, card.expired, card.orphaned, card.updates_on, card.changed_at];

function handles(card, front) {
  return {
    front,
    flipped: front && flipped,
    on: {
      choose: () => choose(card.serial),
      flip: () => flip(),
      updates: (on) => act(`cards/${encodeURIComponent(card.serial)}/updates`, { on }),
    },
  };
}

function choose(serial) {
  chosen = serial;
  flipped = false;
  show(held);
}

function flip() {
  flipped = !flipped;
  const card = document.querySelector(".in-front");
  card.classList.toggle("flipped", flipped);
  card.querySelector(".front").inert = flipped;
  card.querySelector(".back").inert = !flipped;
  drawn = JSON.stringify([held.cards.map(look_of), chosen, flipped, held.phone.language]);
  card.querySelector(flipped ? ".done" : ".more").focus({ preventScroll: true });
}

function showTools(phone, front) {
  by("offline").setAttribute("aria-pressed", phone.knobs.offline);
  by("network").classList.toggle("off", phone.knobs.offline);
  for (const one of document.querySelectorAll("[data-needs-card]")) one.disabled = !front;
  for (const one of document.querySelectorAll("[data-language]")) {
    one.setAttribute("aria-pressed", one.dataset.language === phone.language);
  }
}

async function act(path, body, method = "POST") {
  const headers = { "Content-Type": "application/json" };
  const url = path.startsWith("/") ? path : `/api/phones/${here}/${path}`;
  const answer = await fetch(url, { method, headers, body: JSON.stringify(body ?? {}) });
  await look();
  return answer;
}

const current = () => `cards/${encodeURIComponent(chosen)}`;

function wire() {
  by("refresh").addEventListener("click", async () => {
    document.querySelector(".in-front")?.classList.add("pulled");
    await act(`${current()}/refresh`);
    setTimeout(() => document.querySelector(".in-front")?.classList.remove("pulled"), 400);
  });
  by("remove").addEventListener("click", () => confirm(word("sure")) && act(current(), null, "DELETE"));
  by("token").addEventListener("click", () => act("new-push-token"));
  by("offline").addEventListener("click", () =>
    act("/knobs", { phone: phoneId, offline: !held.phone.knobs.offline }));
  for (const one of document.querySelectorAll("[data-language]")) {
    one.addEventListener("click", () => act("language", { language: one.dataset.language }));
  }
  by("add").addEventListener("submit", addByLink);
  if (document.body.dataset.join) Object.assign(by("join"), { href: document.body.dataset.join, hidden: false });
}

async function addByLink(event) {
  event.preventDefault();
  const answer = await act("cards", { url: event.target.elements.url.value });
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
