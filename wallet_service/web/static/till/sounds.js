// Four short sounds and their shakes: read, success, attention, error.

const TUNES = { // [hertz, from, for] in seconds
  read: [[1318, 0, 0.05]],
  success: [[784, 0, 0.09], [1175, 0.09, 0.16]],
  attention: [[880, 0, 0.1], [880, 0.16, 0.1]],
  error: [[330, 0, 0.14], [233, 0.15, 0.24]],
};
const SHAKES = { read: 20, success: [30, 40, 30], attention: [70, 60, 70], error: [180, 60, 180] };
const LOUD = 0.16;

const later = window.requestIdleCallback ?? setTimeout; // to open the sound takes a moment, and a scanner does not wait

let air = null, on = true;

export function turnSounds(wanted) {
  on = wanted;
}

// Browsers let a page sound only after somebody touched it.
export function awaitFirstTouch() {
  const wake = () => later(() => { air ??= new AudioContext(); air.resume(); });
  for (const kind of ["pointerdown", "keydown"]) window.addEventListener(kind, wake, { once: true, capture: true });
}

export function sound(name) {
  document.dispatchEvent(new CustomEvent("till:sound", { detail: name }));
  navigator.vibrate?.(SHAKES[name]);
  if (on && air?.state === "running") TUNES[name].forEach(play);
}

function play([hertz, from, length]) {
  const tone = air.createOscillator(), level = air.createGain(), start = air.currentTime + from;
  tone.type = "triangle";
  tone.frequency.value = hertz;
  level.gain.setValueAtTime(0, start);
  level.gain.linearRampToValueAtTime(LOUD, start + 0.008);
  level.gain.exponentialRampToValueAtTime(0.001, start + length);
  tone.connect(level).connect(air.destination);
  tone.start(start);
  tone.stop(start + length);
}
