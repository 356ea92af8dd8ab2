// The number under the code, typed by hand: grouped as it grows, checked before anybody is asked.

import { scanned } from "./flow.js";
import { NUMBER_LENGTH, bare, grouped, isNumber } from "./numbers.js";
import { part, show, wrong } from "./screens.js";
import { sound } from "./sounds.js";
import { waiting } from "./waiting.js";

const SOON_MS = 150; // a scanner that typed here ends first

let soon = 0;

export function typeNumber(begun = "") {
  show("screen-number", { does: { read, next: () => waiting() } });
  const field = part("#number");
  field.value = grouped(begun);
  field.addEventListener("input", () => tidy(field));
}

function tidy(field) {
  const before = field.value.slice(0, field.selectionStart ?? field.value.length).replace(/\D/g, "").length;
  const digits = field.value.replace(/\D/g, "").slice(0, NUMBER_LENGTH);
  field.value = grouped(digits);
  const caret = grouped(digits.slice(0, before)).length;
  field.setSelectionRange(caret, caret);
  if (digits.length < NUMBER_LENGTH) return wrong(null);
  clearTimeout(soon);
  if (isNumber(digits)) soon = setTimeout(() => field.isConnected && grouped(digits) === field.value && read(), SOON_MS);
  else slip("slip");
}

function read() {
  const digits = bare(part("#number").value);
  if (digits.length < NUMBER_LENGTH) return slip("short");
  if (!isNumber(digits)) return slip("slip");
  scanned(digits);
}

function slip(which) {
  wrong(which);
  sound("error");
}
