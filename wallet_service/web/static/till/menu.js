// What this till likes, practice, and the way out.

import { inTurn, setGuest, setLast } from "./desk.js";
import { preferences, prefer } from "./preferences.js";
import * as practice from "./practice.js";
import { showQueue } from "./queue_screen.js";
import * as queue from "./queue.js";
import { refuse } from "./noes.js";
import { part, show } from "./screens.js";
import { turnSounds } from "./sounds.js";
import { state } from "./state.js";
import { waiting } from "./waiting.js";

const GOES = { next: () => waiting(), menu: () => showMenu(), queue: () => inTurn(showQueue) };

// The buttons that stand outside of every screen.
export function hearMenu() {
  document.querySelector("header.top").addEventListener("click", (event) => GOES[event.target.closest("[data-go]")?.dataset.go]?.());
}

export function apply() {
  const { hand, sounds } = preferences(), { dataset } = document.documentElement;
  dataset.hand = hand;
  dataset.practice = practice.isOn() ? "on" : "off";
  document.querySelector(".practising").hidden = !practice.isOn();
  turnSounds(sounds);
}

export async function showMenu() {
  const operator = state()?.operator;
  show("screen-menu", {
    slots: { person: operator?.name, manager: operator?.role === "admin", waiting: await queue.waiting() || null },
    does: {
      hand: () => turn({ hand: preferences().hand === "left" ? "right" : "left" }),
      sounds: () => turn({ sounds: !preferences().sounds }),
      practice: practise,
      queue: () => inTurn(showQueue),
      leave: () => inTurn(leave),
      next: () => waiting(),
    },
  });
  mark();
}

function turn(change) {
  prefer(change);
  apply();
  mark();
}

function practise() {
  practice.turn(!practice.isOn());
  setGuest(null);
  setLast(null);
  apply();
  mark();
}

function mark() {
  const { hand, sounds } = preferences(), is = { left: hand === "left", sounds, practice: practice.isOn() };
  for (const [name, on] of Object.entries(is)) part(`[data-switch=${name}]`).setAttribute("aria-checked", on);
}

// Nobody leaves a till that still has something to send.
async function leave() {
  try {
    if (await queue.leave()) return showQueue({ leaving: true });
  } catch (fault) {
    return refuse(fault, { retry: leave });
  }
  const form = document.getElementById("leave");
  form.elements.csrf_token.value = state()?.csrf ?? "";
  form.submit();
}
