/* While something is on its way, the page looks again every two seconds and moves its bars. */

const EVERY = 2000;
const shown = () => document.querySelector("[data-campaigns]");

async function look() {
  if (document.hidden || !document.querySelector(".campaign[data-state=running]")) return;
  try {
    const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } });
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
    const bar = old[place].querySelector("progress");
    const target = part.querySelector("progress");
    if (bar && target && old[place].dataset.state === part.dataset.state) {
      bar.max = target.max;
      bar.value = target.value;
      const figures = old[place].querySelector(".figures");
      if (figures.innerHTML !== part.querySelector(".figures").innerHTML) figures.replaceWith(part.querySelector(".figures"));
    } else if (old[place].outerHTML !== part.outerHTML) old[place].replaceWith(part);
  });
}

setInterval(look, EVERY);
