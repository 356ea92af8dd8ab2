// The column beside the phone: pushes, requests, callbacks, and where the front card stands.

import { make } from "/shared/dom.js";
import { clock, word } from "./words.js";

const SHOWN = 10;
const BANNER_MS = 7000;
const seen = new Set();
let first = true;

const by = (id) => document.getElementById(id);
const name = (push) => `${push.at} ${push.object} ${push.header} ${push.body}`;

export function showBehind(all, card) {
  showFacts(all, card);
  fill("pushes", all.pushes, drawPush);
  fill("calls", all.calls, (call) => drawLine(call.at, call.verb, short(call.path), call.status, call.reason));
  fill("callbacks", all.callbacks, (one) => drawLine(one.at, one.what, "", one.status, ""));
  showBanners(all);
}

const short = (path) => path.replace("/walletobjects/v1", "").replace(/\/\d+\./, "/");

function fill(id, entries, draw) {
  const newest = entries.slice(-SHOWN).reverse().map(draw);
  by(id).replaceChildren(...(newest.length ? newest : [make("li", { class: "quiet" }, word("quiet"))]));
}

function showFacts(all, card) {
  const facts = [[word("objects"), all.objects], [word("rate"), all.rate]];
  if (card) facts.push([word("object"), card.id], [word("version"), card.version]);
  by("facts").replaceChildren(
    ...facts.map(([label, value]) => make("div", {}, make("dt", {}, label), make("dd", {}, String(value)))),
  );
}

function drawPush(push) {
  const text = [push.header, push.body].filter(Boolean).join(": ");
  const why = push.why ? make("span", { class: "why" }, `${text ? " — " : ""}${push.why}`) : null;
  return make("li", {}, make("time", {}, clock(push.at)), make("span", {}, text, why));
}

function drawLine(at, verb, path, status, reason) {
  const good = status >= 200 && status < 400;
  return make(
    "li",
    {},
    make("time", {}, clock(at)),
    make("span", {}, make("b", {}, verb), ` ${path} ${reason}`),
    make("span", { class: `code-of ${good ? "good" : "bad"}` }, String(status || "—")),
  );
}

function showBanners(all) {
  for (const push of all.pushes.filter((one) => !one.why)) {
    const known = seen.has(name(push));
    seen.add(name(push));
    if (!known && !first) slideIn(push, all.cards.find((card) => card.id === push.object));
  }
  first = false;
}

function slideIn(push, card) {
  const logo = card?.pictures.logo;
  const icon = logo ? make("img", { src: logo.src, alt: "" }) : make("i");
  const text = make("div", {}, make("strong", {}, push.header || card?.program || ""), make("p", {}, push.body));
  const banner = make("li", { class: "banner" }, icon, text, make("time", {}, word("now")));
  const leave = () => banner.classList.add("leaving");
  banner.addEventListener("click", leave);
  banner.addEventListener("animationend", () => banner.classList.contains("leaving") && banner.remove());
  by("banners").prepend(banner);
  setTimeout(leave, BANNER_MS);
  setTimeout(() => banner.remove(), BANNER_MS + 1000);
}
