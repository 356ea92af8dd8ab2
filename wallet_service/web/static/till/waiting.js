// The calm screen between two guests.

import { showBooked } from "./booked.js";
import { showCamera } from "./camera_screen.js";
import { last, setGuest } from "./desk.js";
import { scanned } from "./flow.js";
import { typeNumber } from "./number.js";
import * as practice from "./practice.js";
import { show } from "./screens.js";
import { search } from "./search.js";

export function waiting() {
  setGuest(null);
  show("screen-waiting", {
    slots: { last: last?.answer.entry.headline ?? null, practising: practice.isOn() },
    does: { camera: showCamera, number: () => typeNumber(), search, last: lookBack, madeUp: () => scanned(practice.CODE) },
  });
}

export function lookBack() {
  const { answer, what, until } = last;
  setGuest({ serial: answer.card.serial, code: null, screen: answer });
  showBooked(answer, { what, until, quietly: true });
}
