// Every no has a plain screen of its own: icon, word, sentence, way out.

import { again } from "./card.js";
import { guest, inTurn } from "./desk.js";
import { halted } from "./halted.js";
import { NoNetwork, Refused } from "./net.js";
import { typeNumber } from "./number.js";
import { show } from "./screens.js";
import { sound } from "./sounds.js";
import { waiting } from "./waiting.js";

const SAME = { "code-ran-out": "code-ran-out", "live-code-needed": "code-ran-out" };

// A refusal of the server, or no server at all; anything else is a fault of ours and goes on up.
export function refuse(fault, { retry = null, back = null } = {}) {
  if (fault instanceof NoNetwork) return showNo("no-network", { retry: retry ?? waiting, back });
  if (!(fault instanceof Refused)) throw fault;
  if (fault.slug === "quarantined") halted(true);
  if (fault.slug !== "signed-out") showNo(fault.slug, { said: fault.problem.said, retry, back });
}

export function showNo(slug, { said = {}, retry = null, back = null } = {}) {
  const name = document.getElementById(`no-${SAME[slug] ?? slug}`) ? `no-${SAME[slug] ?? slug}` : "no-other";
  const does = { next: () => waiting(), number: () => typeNumber(), back: () => (back ?? again)(), retry: () => inTurn(retry) };
  show(name, { slots: { ...said, guest: back && guest?.screen }, does, urgently: true });
  sound("error");
}
