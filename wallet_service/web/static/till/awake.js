// Keeps the screen on for as long as somebody can see the page.

export function stayAwake() {
  ask();
  document.addEventListener("visibilitychange", ask);
}

// The system takes the lock back whenever the page is hidden; a refusal (a low battery) is no fault.
function ask() {
  if (document.visibilityState === "visible") navigator.wakeLock?.request("screen").catch(() => {});
}
