// A part of the receipt is paid with points.

import { again, worthOf } from "./card.js";
import { book } from "./booking.js";
import { ask, guest, inTurn } from "./desk.js";
import { asTyped, minorUnits } from "./numbers.js";
import { refuse } from "./noes.js";
import { part, show, wrong } from "./screens.js";

export async function showPay(answer, total, looked) {
  try {
    const quote = looked ?? await ask("POST", `/till/cards/${guest.serial}/quotes`, { total });
    open(answer, total, quote);
  } catch (fault) {
    refuse(fault, { back: () => again(asTyped(total)), retry: () => showPay(answer, total, null) });
  }
}

// Points that are money are typed as money.
export const pointsOf = (text, money) => (money ? minorUnits(text) : /^\d{1,12}$/.test(text.trim()) ? Number(text) : null);

function open({ money }, total, quote) {
  const take = () => {
    const points = pointsOf(part("#points").value, money);
    if (!points) return wrong("amount");
    inTurn(() => book("payments", { points, total }));
  };
  show("screen-pay", { slots: { can_pay_text: quote.can_pay_text, pays_text: worthOf(quote) }, does: { take, back: () => again(asTyped(total)) } });
  part("#points").value = money ? asTyped(quote.can_pay) : quote.can_pay;
  part("#points").select();
}
