// A guard asks: is it meant?

import { again } from "./card.js";
import { inTurn } from "./desk.js";
import { show } from "./screens.js";
import { sound } from "./sounds.js";

export function askAgain(said, yes) {
  show("screen-ask", { slots: { ...said }, does: { yes: () => inTurn(yes), back: () => again() }, urgently: true });
  sound("attention");
}
