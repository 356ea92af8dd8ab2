// A manager corrects the balance, with a reason that the member reads.

import { again } from "./card.js";
import { book } from "./booking.js";
import { inTurn } from "./desk.js";
import { pointsOf } from "./pay.js";
import { part, show, wrong } from "./screens.js";

export function showAdjust({ money }) {
  const correct = () => {
    const points = pointsOf(part("#points").value, money), reason = part("#reason").value.trim();
    if (!points) return wrong("amount");
    if (!reason) return wrong("reason");
    const sign = Number(part("[name=way]:checked").value);
    inTurn(() => book("adjustments", { points: sign * points, reason, manager_pin: part("#pin").value }));
  };
  show("screen-adjust", { does: { correct, back: () => again() } });
}
