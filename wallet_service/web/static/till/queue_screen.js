// What waits on this till, and what became of it.

import { inTurn } from "./desk.js";
import { tail } from "./guest.js";
import { asWritten } from "./numbers.js";
import * as queue from "./queue.js";
import { show } from "./screens.js";
import { waiting } from "./waiting.js";

export async function showQueue({ leaving = false } = {}) {
  const [still, ended] = await Promise.all([queue.waitingList(), queue.verdicts()]);
  const verdicts = [...still.map(asItem), ...ended.map(asItem)];
  const replay = () => inTurn(async () => { await queue.replay(); await showQueue(); });
  show("screen-queue", {
    slots: { verdicts, empty: !verdicts.length, waiting: still.length > 0, leaving: leaving === true },
    does: { replay, next: () => waiting() },
  });
}

function asItem({ verdict = "later", said, headline, card_tail: ended, code, total, visits, at }) {
  return {
    sign_of: verdict,
    tail: tail(ended ?? code?.slice(0, 19).slice(-4)),
    what: headline ?? (total ? asWritten(total) : visits && `+${visits}`),
    said: said?.text,
    gave_up: verdict === "refused" && !said,
    when: at && new Date(at).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
  };
}
