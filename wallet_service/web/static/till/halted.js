// One word on top while the service books nothing, until it has booked again.

export function halted(is) {
  document.querySelector(".halted").hidden = !is;
}
