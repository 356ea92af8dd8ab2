// Card numbers and amounts as people type them, and as the server wants them.

export const NUMBER_LENGTH = 19;
const LIVE_LENGTH = 27; // the number and a code of this moment
const VERSION = "1";
const AMOUNT = /^(\d{1,12})(?:[.,](\d{1,2}))?$/;
const SPACES = /[\s\-\u00a0\u2009\u202f]/g;

export const bare = (text) => text.replace(SPACES, "");
export const isNumber = (text) => /^\d{19}$/.test(text) && text[0] === VERSION && checks(text);
export const isCard = (text) => isNumber(text) || (/^\d+$/.test(text) && text.length === LIVE_LENGTH && isNumber(text.slice(0, NUMBER_LENGTH)));
export const isGoods = (text) => /^\d{12,14}$/.test(text) && weighs(text) % 10 === 0;
export const tailOf = (code) => code.slice(0, NUMBER_LENGTH).slice(-4);

// 4-4-4-4-3, for reading and comparing.
export const grouped = (digits) => digits.match(/.{1,4}/g)?.join(" ") ?? "";

// ISO 7064 mod 97-10: every wrong digit and every swap of neighbours is seen before anybody is asked.
function checks(number) {
  return BigInt(number) % 97n === 1n;
}

// A number on goods (GTIN): every second digit counts three times, from the right.
function weighs(number) {
  return [...number].reverse().reduce((sum, digit, place) => sum + Number(digit) * (place % 2 ? 3 : 1), 0);
}

// Minor units; null for what is no amount.
export function minorUnits(text) {
  const found = AMOUNT.exec(bare(text));
  return found && Number(found[1]) * 100 + Number((found[2] ?? "0").padEnd(2, "0"));
}

// As it is typed: no grouping; whole sums without a tail.
export function asTyped(minor) {
  const whole = Math.trunc(minor / 100), rest = minor % 100;
  return rest ? `${whole},${String(rest).padStart(2, "0")}` : String(whole);
}

// A sum in the manner of this page's language, with the sign of its currency where that language has it.
export function asWritten(minor, sign = "") {
  const digits = minor % 100 ? 2 : 0, any = "EUR";
  const format = new Intl.NumberFormat(document.documentElement.lang, { style: "currency", currency: any, minimumFractionDigits: digits, maximumFractionDigits: 2 });
  return format.formatToParts(minor / 100).map(({ type, value }) => (type === "currency" ? sign : value)).join("").trim();
}
