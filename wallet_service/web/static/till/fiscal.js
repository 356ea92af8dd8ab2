// The QR of a fiscal receipt: t=20261122T1430&s=350.00&fn=…&i=…&fp=…&n=1.

const NEEDED = ["t", "s", "fn", "i", "fp", "n"];
const TIME = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(?:\d\d)?$/i;
const SUM = /^(\d{1,12})(?:[.,](\d{1,2}))?$/;
const BROUGHT_BACK = "2";

// {raw, total, at, refund}, or null for what is no receipt. The server reads `raw` itself and decides.
export function receiptIn(text) {
  const raw = text.trim(), parts = new Map(raw.split("&").map((part) => part.split("=")).map(([name, value]) => [name.toLowerCase(), value]));
  if (!NEEDED.every((name) => parts.get(name))) return null;
  const sum = SUM.exec(parts.get("s")), at = TIME.exec(parts.get("t"));
  if (!sum || !at || !/^\d+$/.test(parts.get("fn"))) return null;
  const total = Number(sum[1]) * 100 + Number((sum[2] ?? "0").padEnd(2, "0"));
  return { raw, total, at: clockOf(at), refund: parts.get("n") === BROUGHT_BACK };
}

// The till's own wall clock, as it was printed.
function clockOf([, year, month, day, hour, minute]) {
  const moment = new Date(year, month - 1, day, hour, minute);
  const { lang } = document.documentElement;
  return moment.toLocaleString(lang === "en" ? "en-GB" : lang, { day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}
