// Draws one card, and the details that Google shows below it.

import { make, withLinks } from "/shared/dom.js";
import { word } from "./words.js";

export function drawCard(card, { front, choose }) {
  const over = card.state !== "ACTIVE";
  const shape = make("article", {
    class: `card${front ? " in-front" : " peeking"}${card.is_light ? " light" : ""}${over ? " grey" : ""}`,
    "data-id": card.id,
    "aria-label": [card.issuer, card.program].join(". "),
  });
  shape.style.setProperty("--background", card.background);
  shape.append(drawHead(card, front ? card.issuer : card.program));
  if (!front) {
    shape.append(make("button", { class: "pull", "aria-label": card.program, on: { click: choose } }));
    return shape;
  }
  shape.append(make("h2", { class: "program" }, card.program), ...card.rows.map(drawRow));
  if (over) shape.append(make("p", { class: "state" }, word(card.state)));
  shape.append(drawCode(card), drawHero(card));
  return shape;
}

function drawHead(card, name) {
  const { wide, logo } = card.pictures;
  if (wide) return make("header", { class: "head" }, make("img", { class: "wide", src: wide.src, alt: wide.alt }));
  const picture = logo ? make("img", { class: "logo", src: logo.src, alt: logo.alt }) : null;
  return make("header", { class: "head" }, picture, make("span", { class: "issuer" }, name));
}

const drawRow = (row) => make("div", { class: "row" }, ...row.map((item) => drawItem(item, "item")));

function drawItem(item, kind) {
  const label = item.label ? make("span", { class: "label" }, item.label) : null;
  const value = make("span", { class: "value" }, ...(kind === "fact" ? withLinks(item.value) : [item.value]));
  return make("div", { class: kind, "data-module": item.id }, label, value);
}

function drawCode(card) {
  if (!card.barcode) return "";
  return make(
    "figure",
    { class: "code" },
    make("img", { src: card.barcode.src, alt: card.barcode.value }),
    card.barcode.alt ? make("figcaption", {}, card.barcode.alt) : null,
  );
}

function drawHero(card) {
  const { hero } = card.pictures;
  return hero ? make("img", { class: "hero", src: hero.src, alt: hero.alt }) : "";
}

export function drawDetails(card) {
  const groups = [
    group("messages", [...card.messages].reverse().map((one) => drawItem(one, "fact"))),
    group("about", [...card.texts, ...card.account].map((one) => drawItem(one, "fact"))),
    card.pictures.image ? group("", [make("img", { src: card.pictures.image.src, alt: card.pictures.image.alt })]) : null,
    group("links", card.links.map(drawLink)),
  ];
  return groups.filter(Boolean);
}

function group(name, entries) {
  if (!entries.length) return null;
  return make("section", { class: `group ${name}` }, name ? make("h3", {}, word(name)) : null, ...entries);
}

// The simulator lets only web, phone, mail and map addresses in; the page looks once more.
const GOOD = /^(?:https?|tel|mailto|geo):/i;

function drawLink(link) {
  const href = GOOD.test(link.value) ? link.value : null;
  return make("a", { href, target: "_blank", rel: "noopener noreferrer" }, link.label);
}
