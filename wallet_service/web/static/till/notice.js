// One quiet sentence at the foot of the page that goes by itself.

const STAYS_MS = 3500;

let going = 0;

export function notice(name) {
  const line = document.getElementById("notice"), text = document.getElementById("notices").content.querySelector(`[data-notice=${name}]`).textContent;
  clearTimeout(going);
  line.textContent = text;
  line.hidden = false;
  document.getElementById("said").textContent = text;
  going = setTimeout(() => { line.hidden = true; }, STAYS_MS);
}
