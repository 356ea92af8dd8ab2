/* A code that came in the address is typed and sent. It stands behind the #, so that no server logs it. */

const form = document.querySelector("[data-pair]");
const code = decodeURIComponent(location.hash.slice(1));

if (code && form) {
  history.replaceState(null, "", location.pathname);
  form.elements.code.value = code;
  form.requestSubmit();
}
