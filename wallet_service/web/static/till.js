// The till: keypad, scanner, countdown, keys. Without it every form still works.
"use strict";

const CARD = /^\d{15,}$/;
const SAME_CODE_MS = 5000;
const GAP_MS = 50;

const scan = document.querySelector("[data-scan]");

// A scanner sends the keys of a US keyboard, whatever layout the machine has.
function digitOf(event) {
  const position = /^(?:Digit|Numpad)(\d)$/.exec(event.code);
  if (position && !event.shiftKey) return position[1];
  return /^\d$/.test(event.key) ? event.key : null;
}

function listenToScanner() {
  let read = "", last = 0;
  window.addEventListener("keydown", (event) => {
    if (event.timeStamp - last > GAP_MS) read = "";
    last = event.timeStamp;
    const digit = digitOf(event);
    if (digit) read += digit;
    const ended = event.key === "Enter" || event.key === "Tab";
    if (!ended || !CARD.test(read)) return;
    event.preventDefault();
    show(read);
    read = "";
  }, true);
}

function show(number) {
  if (!scan) return;
  scan.elements.number.value = number;
  scan.requestSubmit();
}

// The same code twice within five seconds is one scan, however slowly its keys came.
function onceAWhile(form) {
  form.addEventListener("submit", (event) => {
    const number = form.elements.number.value.replace(/\D/g, "");
    if (CARD.test(number) && seenJustNow(number)) event.preventDefault();
  });
}

function seenJustNow(number) {
  const [before, at] = (sessionStorage.getItem("scanned") || "").split(" ");
  const now = Date.now();
  const again = before === number && now - Number(at) < SAME_CODE_MS;
  if (!again) sessionStorage.setItem("scanned", `${number} ${now}`);
  else if (scan) scan.elements.number.value = "";
  return again;
}

function once(form) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    form.querySelectorAll("button").forEach((button) => { button.classList.add("busy"); });
  });
}

function keypad(pad) {
  const field = document.getElementById(pad.dataset.keypad);
  pad.hidden = false;
  pad.addEventListener("click", (event) => {
    const key = event.target.dataset.key;
    if (!key) return;
    field.value = key === "back" ? field.value.slice(0, -1) : field.value + key;
  });
}

function countdown(form) {
  const left = form.querySelector("[data-left]"), end = Date.now() + Number(form.dataset.seconds) * 1000;
  const tick = setInterval(() => {
    const seconds = Math.ceil((end - Date.now()) / 1000);
    left.textContent = Math.max(seconds, 0);
    if (seconds > 0) return;
    clearInterval(tick);
    form.hidden = true;
  }, 250);
}

function hotkeys() {
  window.addEventListener("keydown", (event) => {
    const wanted = document.querySelector(`[data-hotkey="${event.key}"]`);
    if (!/^F\d+$/.test(event.key) || !wanted) return;
    event.preventDefault();
    wanted.matches("input") ? wanted.focus() : wanted.click();
  });
}

// A card read while the cursor stands in the amount is a card, not a fortune.
function scanAware(form) {
  form.addEventListener("submit", (event) => {
    const typed = form.elements.amount.value.trim();
    if (!CARD.test(typed)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    form.elements.amount.value = "";
    show(typed);
  }, true);
}

// Browsers bring pages back from memory; their keys were used.
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

listenToScanner();
if (scan) onceAWhile(scan);
hotkeys();
document.querySelectorAll("[data-scan-aware]").forEach(scanAware);
document.querySelectorAll("[data-once]").forEach(once);
document.querySelectorAll("[data-keypad]").forEach(keypad);
document.querySelectorAll("[data-seconds]").forEach(countdown);
