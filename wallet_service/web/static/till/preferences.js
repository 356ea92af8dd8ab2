// What this till likes: kept in the browser, for the machine and not for a person.

const USUAL = { hand: "right", sounds: true };

export function preferences() {
  try {
    return { ...USUAL, ...JSON.parse(localStorage.getItem("till") ?? "{}") };
  } catch {
    return { ...USUAL }; // a browser that keeps nothing still works
  }
}

export function prefer(change) {
  const now = { ...preferences(), ...change };
  try {
    localStorage.setItem("till", JSON.stringify(now));
  } catch { /* it holds until the page is closed */ }
  return now;
}
