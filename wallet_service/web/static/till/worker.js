// The service worker: opens the till without a network. RELEASE (its name and files) stands above, put there by the server.
//
// A file's address says its content, so a file can be taken from any cache. The page decides which files belong together,
// and is kept only beside all of them: a release comes whole or not at all. JSON and forms never come by here.

const { name: NAME, files: FILES } = self.RELEASE;
const PAGE = "/till";
const OURS = `till-${NAME}`, READER = "till-reader";
const ANYHOW = { ignoreVary: true }; // one person's browser, one language at a time
const PATIENCE_MS = 3000;
const NAMED = /(?:href|src)="(\/(?:static|till\/files|till\/manifest)[^"]*)"/g;

self.addEventListener("install", (event) => {
  event.addRoutes?.({ condition: { requestMethod: "POST" }, source: "network" })?.catch(() => {}); // no detour for a scan
  event.waitUntil(install());
});

self.addEventListener("activate", (event) => {
  event.waitUntil(tidy().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== location.origin) return;
  if (event.request.mode === "navigate") {
    if (pathname === PAGE) event.respondWith(page(event));
  } else if (isFile(pathname)) {
    event.respondWith(file(event.request));
  }
});

const isFile = (path) => /^\/(?:static\/|till\/(?:files|reader)\/|till\/manifest)/.test(path);

async function install() {
  await addMissing(await caches.open(OURS), FILES);
  await fetch(PAGE).then(keep, () => {}); // signed out, there is no page to keep; the next visit brings it
  await self.skipWaiting();
}

// The older release stays until this one can open the page by itself. Names come in the order in which they were made,
// so that a worker on its way out leaves alone what the next one brings.
async function tidy() {
  if (!await caches.match(PAGE, { ...ANYHOW, cacheName: OURS })) return;
  const names = (await caches.keys()).filter((name) => name.startsWith("till-") && name !== READER);
  await Promise.all(names.slice(0, names.indexOf(OURS)).map((name) => caches.delete(name)));
}

// The server's page, unless it lets people wait; what it sends meanwhile is kept for the next time.
async function page(event) {
  const fresh = fetch(event.request);
  event.waitUntil(fresh.then((response) => keep(response.clone()), () => {}));
  const first = await Promise.race([fresh.then(unlessBroken, () => null), patience()]);
  return first ?? await kept() ?? fresh;
}

const unlessBroken = (response) => (response.status < 500 ? response : null);
const patience = () => new Promise((end) => { setTimeout(end, PATIENCE_MS, null); });

async function kept() {
  return await caches.match(PAGE, { ...ANYHOW, cacheName: OURS }) ?? caches.match(PAGE, ANYHOW);
}

// A page of the next release is the next worker's to keep.
async function keep(response) {
  if (!response.ok || response.redirected || new URL(response.url).pathname !== PAGE) return;
  if (!await caches.has(OURS)) return; // our time is over
  const needs = named(await response.clone().text());
  if (needs.some((address) => address.startsWith("/till/files/") && !FILES.includes(address))) return;
  const ours = await caches.open(OURS);
  await addMissing(ours, needs);
  await ours.put(PAGE, response);
  if (self.registration.active) await tidy();
}

const named = (html) => [...html.matchAll(NAMED)].map(([, address]) => address.replaceAll("&amp;", "&"));

async function addMissing(cache, addresses) {
  const missing = [];
  for (const address of new Set(addresses)) if (!await cache.match(address, ANYHOW)) missing.push(address);
  await cache.addAll(missing);
}

async function file(request) {
  return await caches.match(request, ANYHOW) ?? fetch(request);
}
