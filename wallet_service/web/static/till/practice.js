// Practice: the same answers as the server's for a card that does not exist. Nothing is asked and nothing is booked.

const GOAL = 10, STEP = 28, UNDO_SECONDS = 60;
const COLOURS = { card: "#262c38", ink: "#ffffff", soft: "#c3c8d2" };

export const CODE = "1000000000000000009";

let on = false, value = 7, before = 7, entry = 0;

export const isOn = () => on;

export function turn(wanted) {
  on = wanted;
  value = before = 7;
}

export async function ask(_method, path, body = {}) {
  if (path.endsWith("/undo")) return bookedAs("back", before - value, before, { taken_back: true });
  if (path.endsWith("/rewards")) return bookedAs("given", -GOAL, 0);
  if (path.endsWith("/purchases")) return bookedAs("visit", 1, Math.min(value + 1, GOAL));
  if (path.endsWith("/search")) return { found: [{ serial: "practice", initials: texts().initials, phone: `··· ${body.digits}`, program: texts().program, last: null }] };
  return answer("card");
}

const texts = () => document.getElementById("practice").dataset;

function bookedAs(what, points, after, more = {}) {
  before = value;
  value = after;
  entry += 1;
  const told = { id: entry, kind: "earn", points, headline: texts()[what], why: texts().why, not_this_time: null, taken_back: false };
  return { ...answer("booked"), entry: { ...told, ...more }, undo_seconds: more.taken_back ? 0 : UNDO_SECONDS, more: !more.taken_back && value < GOAL };
}

function answer(kind) {
  const line = document.getElementById("practice").content.children[value];
  const { initials, program, reward } = texts();
  return {
    kind, by_visit: true, looks_first: false, stamps: true, sign: "", pay: null, entry: null, undo_seconds: 0, more: false, asks: null,
    ready: value === GOAL ? [{ id: "practice", name: reward }] : [],
    card: {
      serial: "practice", tail: "0009", program: "practice", program_name: program, initials, balance: line.dataset.balance, progress_text: line.textContent,
      bar: bar(), value, goal: GOAL, tier: null, expiring: null, pending: null, colours: COLOURS, history: [],
    },
  };
}

function bar() {
  const cells = Array.from({ length: GOAL }, (_, place) => `<rect x="${22 + place * (STEP + 5.5)}" y="20" width="${STEP}" height="36" rx="8" fill="${place < value ? "#7ee8e0" : "#4a5263"}"/>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 375 76" aria-hidden="true">${cells.join("")}</svg>`;
}
