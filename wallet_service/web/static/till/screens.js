// Shows one screen: clones its template, fills its slots, hears its buttons, tells what it says.

const CAREFUL_MS = 400; // a question is not answered by the press that asked it

const stage = document.getElementById("stage"), polite = document.getElementById("said"), urgent = document.getElementById("alarm");
const patterns = new WeakMap();
let shown = { name: "", does: {}, at: 0, leave: null };

export const screen = () => shown.name;
export const part = (selector) => stage.querySelector(selector);

// `does` maps what buttons say in `data-do` to functions; `leave` is called when the screen goes.
export function show(name, { slots = {}, does = {}, leave = null, urgently = false } = {}) {
  shown.leave?.();
  const fresh = document.getElementById(name).content.cloneNode(true);
  fresh.querySelectorAll("[data-keypad]").forEach(layKeys);
  fill(fresh, slots);
  stage.replaceChildren(fresh);
  shown = { name, does, at: performance.now(), leave };
  document.body.dataset.screen = name;
  window.scrollTo(0, 0);
  focus();
  say(urgently ? urgent : polite);
  document.dispatchEvent(new CustomEvent("till:screen", { detail: name }));
}

// Texts as text; pictures of our own server as markup; lists once for each of their items.
export function fill(root, slots) {
  for (const list of root.querySelectorAll("[data-list]")) if (list.dataset.list in slots) repeat(list, slots[list.dataset.list]);
  for (const slot of root.querySelectorAll("[data-slot]")) if (slot.dataset.slot in slots) write(slot, slots[slot.dataset.slot]);
  for (const some of root.querySelectorAll("[data-if]")) if (some.dataset.if in slots) some.hidden = isNothing(slots[some.dataset.if]);
  for (const sign of root.querySelectorAll("[data-sign]")) if ("sign_of" in slots) sign.hidden = sign.dataset.sign !== slots.sign_of;
}

// Twelve keys; a hidden comma keeps its place.
function layKeys(pad) {
  pad.append(document.getElementById("keys").content.cloneNode(true));
  pad.querySelector("[data-key=',']").classList.toggle("none", !("comma" in pad.dataset));
}

// What is wrong with what was typed: one of the sentences that wait there, or one of the server's.
export function wrong(which, text) {
  const line = part(".wrong"), field = part("[aria-invalid]") ?? part("[data-focus]");
  line.hidden = !which;
  field?.toggleAttribute("aria-invalid", Boolean(which));
  for (const one of line.querySelectorAll("[data-wrong]")) one.hidden = one.dataset.wrong !== which;
  if (text) (line.querySelector(`[data-wrong="${which}"]`) ?? line).textContent = text;
}

export function busy(is) {
  stage.toggleAttribute("aria-busy", is);
}

// One press: a form that is sent, or a button.
export function press(name, event) {
  const careful = event?.target.closest?.("[data-careful]") && performance.now() - shown.at < CAREFUL_MS;
  if (!careful && !stage.hasAttribute("aria-busy")) shown.does[name]?.(event);
}

export function hearButtons() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-do]");
    if (button) press(button.dataset.do, event);
  });
  document.addEventListener("submit", (event) => {
    if (!event.target.dataset.do) return;
    event.preventDefault();
    press(event.target.dataset.do, event);
  });
}

function repeat(list, items) {
  if (!patterns.has(list)) patterns.set(list, list.firstElementChild);
  const pattern = patterns.get(list);
  list.replaceChildren(...items.map((item) => {
    const copy = pattern.cloneNode(true);
    copy.dataset.of = item.id ?? "";
    fill(copy, item);
    if (item.sign_of) copy.dataset.verdict = item.sign_of;
    return copy;
  }));
}

function write(slot, value) {
  slot.hidden = isNothing(value);
  slot.textContent = value ?? "";
}

const isNothing = (value) => value === null || value === undefined || value === "" || value === false || value.length === 0;

function focus() {
  const wanted = [...stage.querySelectorAll("[data-focus]")].find((one) => !one.closest("[hidden]"));
  wanted?.focus({ preventScroll: true });
}

function say(region) {
  const told = [...stage.querySelectorAll("[data-said]")].filter((one) => !one.closest("[hidden]")).map(seenText);
  polite.textContent = urgent.textContent = "";
  requestAnimationFrame(() => { region.textContent = told.filter(Boolean).join(" "); });
}

function seenText(element) {
  const hidden = element.querySelectorAll("[hidden]");
  const copy = element.cloneNode(true);
  if (hidden.length) copy.querySelectorAll("[hidden]").forEach((one) => one.remove());
  return copy.textContent.replace(/\s+/g, " ").trim().replace(/[^.!?…]$/, "$&.");
}
