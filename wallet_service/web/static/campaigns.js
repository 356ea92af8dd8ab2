/* While something is on its way, the page looks again every two seconds and moves its bars. */

const PAGE = "/office/campaigns";
const EVERY = 2000;
const shown = () => document.querySelector("[data-campaigns]");

async function look() {
  if (document.hidden || !document.querySelector(".campaign[data-state=running]")) return;
  try {
    const answer = await fetch(PAGE, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    renew(page.querySelector("[data-campaigns]"));
  } catch {
    // without a network the page stays as it is, and looks again
  }
}

/* What did not change stays in place, so that a link that somebody is about to press does not go away. */
function renew(found) {
  if (!found) return;
  const old = [...shown().children];
  const fresh = [...found.children];
  if (old.length !== fresh.length) return shown().replaceWith(found);
  fresh.forEach((part, place) => {
    if (old[place].outerHTML !== part.outerHTML && !moved(old[place], part)) old[place].replaceWith(part);
  });
}

/* The same bar goes on, so that it glides; of the lines below those change that say something else. */
function moved(old, fresh) {
  const lines = [...old.querySelectorAll("p")], news = [...fresh.querySelectorAll("p")];
  const bar = old.querySelector("progress"), target = fresh.querySelector("progress");
  if (!bar || !target || old.dataset.state !== fresh.dataset.state || lines.length !== news.length) return false;
  bar.max = target.max;
  bar.value = target.value;
  lines.forEach((line, place) => line.outerHTML === news[place].outerHTML || line.replaceWith(news[place]));
  return true;
}

setInterval(look, EVERY);
