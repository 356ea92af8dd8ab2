// The line on top: which till, who is here, and one quiet word about the network.

import { halted } from "./halted.js";
import { notice } from "./notice.js";
import { state } from "./state.js";

export function showWhoIsHere() {
  const { till, operator, quarantined } = state() ?? {};
  if (till) tell("till", till.store_name ? `${till.store_name} · ${till.name}` : till.name);
  tell("person", operator?.name ?? "");
  halted(quarantined);
}

export function hearNetwork() {
  const net = document.querySelector(".net");
  document.addEventListener("till:network", ({ detail: { online, waiting } }) => {
    net.hidden = online && !waiting;
    net.querySelector(".off").hidden = online;
    net.querySelector(".wait").hidden = !waiting;
    tell("waiting", waiting || "");
  });
  document.addEventListener("till:verdicts", () => notice("verdicts"));
}

function tell(name, text) {
  document.querySelector(`[data-top=${name}]`).textContent = text;
}
