// Large keys on the screen, for the field that they belong to.

export function hearKeypads() {
  document.addEventListener("pointerdown", (event) => {
    if (event.target.closest("[data-keypad]")) event.preventDefault(); // the field keeps the cursor
  });
  document.addEventListener("click", (event) => {
    const key = event.target.closest("[data-keypad] [data-key]");
    if (key) type(document.getElementById(key.closest("[data-keypad]").dataset.keypad), key.dataset.key);
  });
}

function type(field, key) {
  const { value } = field, from = field.selectionStart ?? value.length, to = field.selectionEnd ?? value.length;
  if (key !== "back") field.setRangeText(key, from, to, "end");
  else field.setRangeText("", from === to ? Math.max(from - 1, 0) : from, to, "end");
  if (field.value.length > field.maxLength) field.value = value;
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
}
