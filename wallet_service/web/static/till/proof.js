// A second proof: the code of this moment, or a manager's PIN.

import { again } from "./card.js";
import { inTurn } from "./desk.js";
import { part, show } from "./screens.js";
import { sound } from "./sounds.js";
import { waiting } from "./waiting.js";

// `goOn({manager_pin})` sends the same press once more.
export function askForProof(name, goOn) {
  const prove = () => {
    const pin = part("#pin").value;
    if (pin) inTurn(() => goOn({ manager_pin: pin }));
  };
  show(name, { does: { prove, back: () => again(), next: () => waiting() }, urgently: true });
  sound("attention");
}
