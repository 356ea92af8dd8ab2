// The column beside the phone: banners, requests, complaints and where the front card stands.

import { make } from "./dom.js";
import { clock, word } from "./words.js";

const SHOWN = 14;
const BANNER_MS = 7000;
const seen = new Set();
let first = true;

const by = (id) => document.getElementById(id);
const name = (notice) => `${notice.at} ${notice.serial} ${notice.text}`;

export function showBehind(phone, card, cards) {
  showFacts(phone, card);
  fill("notices", phone.notices, drawNotice);
  fill("calls", phone.calls, drawCall);
  by("complaining").hidden = phone.complaints.length === 0;
  fill("complaints", phone.complaints, (line) => make("li", {}, line));
  showBanners(phone, cards);
}

function fill(id, entries, draw) {
  const newest = entries.slice(-SHOWN).reverse().map(draw);
  by(id).replaceChildren(...(newest.length ? newest : [make("li", { class: "quiet" }, word("quiet"))]));
}

function showFacts(phone, card) {
  const facts = [[word("wakeUps"), phone.wake_ups + (phone.waiting_pushes.length ? ` · ${word("kept")}` : "")]];
  if (card) {
    facts.push([word("registered"), word(card.registered ? "yes" : "no")]);
    facts.push([word("tag"), card.tag ?? "—"], [word("served"), card.last_modified ?? "—"]);
  }
  by("facts").replaceChildren(
    ...facts.map(([label, value]) => make("div", {}, make("dt", {}, label), make("dd", {}, String(value)))),
  );
}

function drawNotice(notice) {
  return make("li", {}, make("time", {}, clock(notice.at)), make("span", {}, notice.text));
}

function drawCall(call) {
  const good = call.status >= 200 && call.status < 400;
  return make(
    "li",
    {},
    make("time", {}, clock(call.at)),
    make("span", {}, make("b", {}, call.verb), ` ${call.path}`),
    make("span", { class: `code-of ${good ? "good" : "bad"}` }, String(call.status || "—")),
  );
}

function showBanners(phone, cards) {
  for (const notice of phone.notices) {
    const known = seen.has(name(notice));
    seen.add(name(notice));
    if (!known && !first) slideIn(notice, cards.find((card) => card.serial === notice.serial));
  }
  first = false;
}

function slideIn(notice, card) {
  const icon = card?.pictures.icon ? make("img", { src: card.pictures.icon, alt: "" }) : make("i");
  const text = make("div", {}, make("strong", {}, notice.title), make("p", {}, notice.text));
  const banner = make("li", { class: "banner" }, icon, text, make("time", {}, word("now")));
  const leave = () => banner.classList.add("leaving");
  banner.addEventListener("click", leave);
  banner.addEventListener("animationend", () => banner.classList.contains("leaving") && banner.remove());
  by("banners").prepend(banner);
  setTimeout(leave, BANNER_MS);
  setTimeout(() => banner.remove(), BANNER_MS + 1000);
}
