// What a key says on a US keyboard: scanners press those positions, whatever layout the machine has.

const SHIFTED = {
  Digit1: "!", Digit2: "@", Digit3: "#", Digit4: "$", Digit5: "%", Digit6: "^", Digit7: "&", Digit8: "*", Digit9: "(", Digit0: ")",
};
const SIGNS = {
  Minus: "-_", Equal: "=+", BracketLeft: "[{", BracketRight: "]}", Backslash: "\\|", Semicolon: ";:", Quote: "'\"",
  Backquote: "`~", Comma: ",<", Period: ".>", Slash: "/?", Space: "  ",
  NumpadDecimal: "..", NumpadAdd: "++", NumpadSubtract: "--", NumpadMultiply: "**", NumpadDivide: "//", NumpadEqual: "==",
};
const PLACE = /^(Key|Digit|Numpad)([A-Z]|\d)$/;

// One character, or "" for a key that writes none. Caps Lock changes nothing: Shift alone decides.
export function charOf({ code, key, shiftKey }) {
  if (!code) return printed(key);
  const place = PLACE.exec(code);
  if (place) return onBlock(place, code, shiftKey);
  return code in SIGNS ? SIGNS[code][shiftKey ? 1 : 0] : "";
}

// As the machine's own layout has it: what a person meant.
export function printed(key) {
  return key?.length === 1 ? key : "";
}

function onBlock([, block, name], code, shiftKey) {
  if (block === "Key") return shiftKey ? name : name.toLowerCase();
  return block === "Digit" && shiftKey ? SHIFTED[code] : name;
}
