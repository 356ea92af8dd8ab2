// The whole flow by keyboard: F2 amount, F3 visit, F4 reward, F8 undo, Esc next card.

import { last } from "./desk.js";
import { typeNumber } from "./number.js";
import { part, screen } from "./screens.js";
import { lookBack, waiting } from "./waiting.js";

const KEYS = new Set(["F2", "F3", "F4", "F8", "Escape"]);

export function hearKeys() {
  window.addEventListener("keydown", (event) => {
    if (!KEYS.has(event.key) || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const wanted = [...document.querySelectorAll(`#stage [data-hotkey="${event.key}"]`)].find((one) => !one.closest("[hidden]"));
    if (wanted) return wanted.matches("input") ? (wanted.focus(), wanted.select()) : wanted.click();
    otherwise(event.key);
  });
}

// A digit that somebody typed while no field was open goes where digits belong.
export function typed(char) {
  if (!/[\d.,]/.test(char)) return;
  if (screen() === "screen-waiting" && /\d/.test(char)) return typeNumber(char);
  const field = part("input[data-focus]");
  if (!field) return;
  field.focus();
  field.setRangeText(char, field.value.length, field.value.length, "end");
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
}

function otherwise(key) {
  if (key === "Escape") waiting();
  if (key === "F8" && last && screen() === "screen-waiting") lookBack();
}
