// A guest without a phone at hand: found by its last digits.

import { ask, inTurn } from "./desk.js";
import { showAnswer } from "./flow.js";
import { NoNetwork, Refused } from "./net.js";
import { refuse } from "./noes.js";
import { fill, part, show, wrong } from "./screens.js";
import { sound } from "./sounds.js";
import { waiting } from "./waiting.js";

const FEWEST = 4;

export function search() {
  show("screen-search", { slots: { found: [] }, does: { look: () => inTurn(look), open: (event) => inTurn(() => open(event)), next: () => waiting() } });
}

async function look() {
  const digits = part("#digits").value.replace(/\D/g, "");
  if (digits.length < FEWEST) return wrong("short");
  wrong(null);
  try {
    const { found } = await ask("POST", "/till/search", { digits });
    list(found);
  } catch (fault) {
    if (fault instanceof NoNetwork) return void (wrong("away"), sound("error"));
    if (!(fault instanceof Refused) || !fault.problem.said) return refuse(fault, { retry: look });
    wrong("said", fault.problem.said.text);
  }
}

function list(found) {
  const items = found.map(({ serial, initials, phone, program, last }) => ({ id: serial, initials, phone, program, last }));
  fill(part(".screen"), { found: items });
  if (!found.length) wrong("none");
  else part(".found button").focus();
}

async function open(event) {
  const serial = event.target.closest("[data-of]").dataset.of;
  try {
    showAnswer(await ask("GET", `/till/cards/${serial}`), null);
  } catch (fault) {
    refuse(fault, { retry: () => open(event) });
  }
}
