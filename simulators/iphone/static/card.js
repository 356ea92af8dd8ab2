// Draws one card from what the bundle holds: front, back, and the code.

import { make, withLinks } from "./dom.js";
import { day, word } from "./words.js";

export function drawCard(card, { front, flipped, on }) {
  const grey = card.voided || card.expired || card.orphaned;
  const shape = make("article", {
    class: `card${front ? " in-front" : " peeking"}${flipped ? " flipped" : ""}${grey ? " grey" : ""}`,
    "data-serial": card.serial,
    "aria-label": [card.organization, card.description].join(". "),
  });
  for (const [name, color] of Object.entries(card.colors)) shape.style.setProperty(`--${name}`, color);
  shape.append(drawFront(card, front, flipped, on));
  if (front) shape.append(drawBack(card, flipped, on));
  return shape;
}

function drawFront(card, front, flipped, on) {
  const face = make("div", { class: "side front", inert: flipped }, drawHead(card, front, on));
  if (!front) return face;
  face.append(drawStrip(card), drawFields(card));
  if (state(card)) face.append(make("p", { class: "state" }, state(card)));
  face.append(drawCode(card));
  face.append(make("button", { class: "more", "aria-label": word("details"), on: { click: on.flip } }, "···"));
  return face;
}

function drawHead(card, front, on) {
  const head = make("header", { class: "head" });
  if (card.pictures.logo) head.append(make("img", { class: "logo", src: card.pictures.logo, alt: "" }));
  head.append(make("span", { class: "logo-text" }, card.logo_text));
  head.append(make("div", { class: "header-fields" }, ...card.fields.header.map(drawField)));
  if (!front) {
    head.append(make("button", { class: "pull", "aria-label": card.organization, on: { click: on.choose } }));
  }
  return head;
}

function drawStrip(card) {
  const strip = make("div", { class: "strip" });
  if (card.pictures.strip) strip.append(make("img", { src: card.pictures.strip, alt: "" }));
  const primary = card.fields.primary[0];
  if (primary) {
    const over = drawField(primary);
    over.classList.add("primary");
    strip.append(over);
  }
  return strip;
}

function drawFields(card) {
  const fields = [...card.fields.secondary, ...card.fields.auxiliary];
  return make("div", { class: "fields" }, ...fields.map(drawField));
}

function drawField(field) {
  return make(
    "div",
    { class: `field ${field.alignment}`, "data-key": field.key },
    make("span", { class: "label" }, field.label),
    make("span", { class: "value" }, field.value),
  );
}

function state(card) {
  if (card.orphaned) return word("orphaned");
  if (card.voided) return word("voided");
  return card.expired ? word("expired") : "";
}

function drawCode(card) {
  if (!card.barcode) return "";
  return make(
    "figure",
    { class: "code" },
    make("img", { src: card.barcode.picture, alt: card.barcode.message }),
    card.barcode.alt_text ? make("figcaption", {}, card.barcode.alt_text) : null,
  );
}

function drawBack(card, flipped, on) {
  const lost = Object.values(card.lost_languages);
  const list = make("dl", { class: "details" });
  for (const field of card.fields.back) {
    list.append(make("dt", {}, field.label), make("dd", { "data-key": field.key }, ...withLinks(field.value)));
  }
  if (lost.length) list.append(make("dt", {}, word("lost")), make("dd", {}, lost.join("\n")));
  return make(
    "div",
    { class: "side back", inert: !flipped },
    make(
      "header",
      { class: "back-head" },
      make("strong", {}, card.organization),
      make("button", { class: "done", on: { click: on.flip } }, word("done")),
    ),
    make("div", { class: "scroll" }, drawSwitch(card, on), list, drawIssuer(card)),
  );
}

function drawSwitch(card, on) {
  const box = make("input", { type: "checkbox", role: "switch", on: { change: () => on.updates(box.checked) } });
  box.checked = card.updates_on;
  return make("label", { class: "row" }, make("span", {}, word("updates")), box);
}

function drawIssuer(card) {
  return make(
    "p",
    { class: "issuer" },
    `${word("updated")}: ${day(card.changed_at)}`,
    make("br"),
    `${word("issuer")}: ${card.signed_by}`,
  );
}
