// A scanner types: the whole page listens, whatever has focus, and tells its fast keys from a person's slow ones.

import { receiptIn } from "./fiscal.js";
import { isCard, isGoods } from "./numbers.js";
import { charOf, printed } from "./positions.js";

const PAUSE_MS = 50;
const JOIN_MS = 500; // a slow scanner or a busy machine breaks a code into pieces: they are put together again
const PATIENCE_MS = 1000; // what is no code of ours may still be the half of one
const LEAST = 6; // shorter bursts are two fingers of a person
const ENDS = new Set(["Enter", "NumpadEnter", "Tab"]);
const TEXT_FIELD = "input:not([type=checkbox], [type=radio], [type=button]), textarea";
const SECRET = "[type=password]";

// `onCode(code, at)` hears every scan, `onTyped(char)` what a person typed while no field was open.
export function listen({ onCode, onTyped }) {
  let burst = nothing(), earlier = nothing(), unended = -Infinity, timer = 0;

  window.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.repeat) return;
    clearTimeout(timer);
    if (event.timeStamp - burst.at > PAUSE_MS) letGo();
    if (ENDS.has(event.code || event.key)) return end(event);
    take(event);
    timer = setTimeout(pause, PAUSE_MS);
  }, true);

  function take(event) {
    const physical = charOf(event), meant = printed(event.key);
    if (!physical && !meant) return;
    unended = -Infinity; // a person goes on: no late Enter of the scanner is to come
    const goesOn = burst.physical || burst.meant;
    if (!goesOn) burst = begun(event);
    if (goesOn || burst.field !== textField(event.target)) hold(event, meant); // the key before may just have opened a field
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
    const whole = joined(event.timeStamp, isWhole), code = whole ?? codeIn(burst), isLate = !burst.meant && event.timeStamp - unended <= JOIN_MS;
    if (!code && !isLate) return letGo();
    event.preventDefault();
    event.stopImmediatePropagation();
    if (code) tell(code, event.timeStamp, whole);
  }

  // Keys that wait in line are heard before the second look.
  function pause() {
    timer = setTimeout(paused);
  }

  function paused() {
    const quiet = performance.now() - burst.heard, whole = joined(burst.since, isOurs), code = whole ?? codeIn(burst);
    if (!code) letGo();
    else if (whole || isOurs(code) || quiet >= PATIENCE_MS) tell(code, unended = burst.at, whole);
    else timer = setTimeout(paused, PAUSE_MS);
  }

  // Of what was no code of ours the rest may still come, where the machine stood still in the middle of a scan.
  function tell(code, at, isJoined) {
    takeOut(burst, isJoined ? earlier : nothing());
    earlier = isWhole(code) ? nothing() : grown();
    burst = nothing();
    onCode(code, at);
  }

  // A person's keys come to what they were meant for, and are remembered for a moment.
  function letGo() {
    const { field, held, meant } = burst;
    if (!field) [...meant].forEach(onTyped);
    else if (held) putIn(field, held);
    if (burst.physical || burst.meant) earlier = grown();
    burst = nothing();
  }

  function grown() {
    return isNear(burst.since) ? together(earlier, burst) : burst;
  }

  // Only what is whole with its earlier piece. `at` is when this piece began, or the key that ends it.
  // Goods only where a key ends them: somebody who types a card's number passes through some by chance.
  function joined(at, isCode) {
    if (!isNear(burst.meant ? burst.since : at)) return undefined;
    const { physical, meant } = together(earlier, burst);
    return [physical, meant].map((text) => text.trim()).find(isCode);
  }

  function isNear(at) {
    return at - earlier.at <= JOIN_MS;
  }
}

const nothing = () => ({ physical: "", meant: "", held: "", since: -Infinity, at: -Infinity, heard: -Infinity, field: null, before: null });

const textField = (element) => element?.closest?.(TEXT_FIELD) ?? null;

function begun({ timeStamp }) {
  const field = textField(document.activeElement);
  const before = field && { value: field.value, from: field.selectionStart, to: field.selectionEnd };
  return { ...nothing(), since: timeStamp, field, before };
}

const together = (earlier, burst) => ({ ...earlier, physical: earlier.physical + burst.physical, meant: earlier.meant + burst.meant, at: burst.at });

const isOurs = (text) => isCard(text) || receiptIn(text) !== null;
const isWhole = (text) => isOurs(text) || isGoods(text);

// Positions of a US keyboard first; a scanner that was set to the machine's own layout is understood too.
function codeIn({ physical, meant, field }) {
  const ours = [physical, meant].map((text) => text.trim()).find(isOurs);
  if (ours || field?.matches(SECRET)) return ours;
  return physical.trim().length >= LEAST ? physical.trim() : undefined;
}

// What a scan wrote into a field before it was known for one.
function takeOut({ field, before }, earlier) {
  if (!field?.isConnected) return;
  const { value, from, to } = earlier.field === field ? earlier.before : earlier.meant ? { value: "", from: 0, to: 0 } : before;
  if (field.value === value) return;
  field.value = value;
  if (from !== null) field.setSelectionRange(from, to);
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
}

function putIn(field, text) {
  const end = field.value.length;
  field.setRangeText(text, field.selectionStart ?? end, field.selectionEnd ?? end, "end");
  field.dispatchEvent(new InputEvent("input", { bubbles: true, data: text }));
}
