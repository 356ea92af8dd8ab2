// A scanner types: the whole page listens, whatever has focus, and tells its fast keys from a person's slow ones.

import { receiptIn } from "./fiscal.js";
import { isCard } from "./numbers.js";
import { charOf, printed } from "./positions.js";

const PAUSE_MS = 50;
const PATIENCE_MS = 400; // what is no code of ours may still be the half of one, on a slow machine
const LEAST = 6; // shorter bursts are two fingers of a person
const ENDS = new Set(["Enter", "NumpadEnter", "Tab"]);
const TEXT_FIELD = "input:not([type=checkbox], [type=radio], [type=button]), textarea";
const SECRET = "[type=password]";

// `onCode(code, at)` hears every scan, `onTyped(char)` what a person typed while no field was open.
export function listen({ onCode, onTyped }) {
  let burst = nothing(), timer = 0;

  window.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.repeat) return;
    clearTimeout(timer);
    if (event.timeStamp - burst.at > PAUSE_MS) burst = finished(burst);
    if (ENDS.has(event.code || event.key)) return end(event);
    take(event);
    timer = setTimeout(paused, PAUSE_MS);
  }, true);

  function take(event) {
    const physical = charOf(event), meant = printed(event.key);
    if (!physical && !meant) return;
    if (burst.physical || burst.meant) hold(event, meant);
    else burst = begun(event);
    burst.physical += physical;
    burst.meant += meant;
    burst.at = event.timeStamp;
    burst.heard = performance.now();
  }

  // A fast key waits: whether it is a scanner's is known at the end.
  function hold(event, meant) {
    event.preventDefault();
    event.stopPropagation();
    burst.held += meant;
  }

  function end(event) {
    const code = codeIn(burst);
    if (!code) return void (burst = finished(burst));
    event.preventDefault();
    event.stopImmediatePropagation();
    tell(code, event.timeStamp);
  }

  function paused() {
    const quiet = performance.now() - burst.heard; // by our own ear: a busy machine hears late
    const code = codeIn(burst);
    if (!code) burst = finished(burst);
    else if (isOurs(code) && quiet >= PAUSE_MS) tell(code, burst.at);
    else if (quiet >= PATIENCE_MS) tell(code, burst.at);
    else timer = setTimeout(paused, PAUSE_MS);
  }

  function tell(code, at) {
    takeOut(burst);
    burst = nothing();
    onCode(code, at);
  }

  // A person's keys come to what they were meant for.
  function finished({ field, held, meant }) {
    if (!field) [...meant].forEach(onTyped);
    else if (held) putIn(field, held);
    return nothing();
  }
}

const nothing = () => ({ physical: "", meant: "", held: "", at: -Infinity, heard: -Infinity, field: null, before: null });

function begun({ target }) {
  const field = target.closest?.(TEXT_FIELD) ?? null;
  return { ...nothing(), field, before: field && { value: field.value, from: field.selectionStart, to: field.selectionEnd } };
}

const isOurs = (text) => isCard(text) || receiptIn(text) !== null;

// Positions of a US keyboard first; a scanner that was set to the machine's own layout is understood too.
function codeIn({ physical, meant, field }) {
  const ours = [physical, meant].map((text) => text.trim()).find(isOurs);
  if (ours || field?.matches(SECRET)) return ours;
  return physical.trim().length >= LEAST ? physical.trim() : undefined;
}

// What a scan wrote into a field before it was known for one.
function takeOut({ field, before }) {
  if (!field || field.value === before.value) return;
  field.value = before.value;
  if (before.from !== null) field.setSelectionRange(before.from, before.to);
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
}

function putIn(field, text) {
  const end = field.value.length;
  field.setRangeText(text, field.selectionStart ?? end, field.selectionEnd ?? end, "end");
  field.dispatchEvent(new InputEvent("input", { bubbles: true, data: text }));
}
