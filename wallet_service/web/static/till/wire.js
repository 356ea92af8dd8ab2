// One request and its answer: JSON both ways, and an end to patience.

let ahead = 0;

// No answer that can be trusted. What was asked may have been done all the same.
export class NoNetwork extends Error {
  constructor(why) {
    super(`no network: ${why}`);
    this.why = why; // gone, slow, broken, off
  }
}

// The server said no, and why.
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail ?? problem.title);
    this.status = status;
    this.problem = problem;
    this.slug = String(problem.type ?? "").split("#")[1] ?? "";
  }
}

export async function send(method, path, body, { csrf = "", patience }) {
  const impatience = new AbortController();
  const bell = setTimeout(() => impatience.abort(), patience);
  try {
    return await read(await fetch(path, request(method, body, csrf, impatience.signal)));
  } catch (problem) {
    if (problem instanceof Refused || problem instanceof NoNetwork) throw problem;
    throw new NoNetwork(impatience.signal.aborted ? "slow" : "gone");
  } finally {
    clearTimeout(bell);
  }
}

// The server's clock: the one of a till may be wrong by hours.
export const now = () => Date.now() + ahead;

function request(method, body, csrf, signal) {
  const headers = { Accept: "application/json" };
  if (method !== "GET") Object.assign(headers, { "Content-Type": "application/json", "X-CSRFToken": csrf });
  const said = body === undefined ? undefined : JSON.stringify(body);
  return { method, headers, signal, body: said, cache: "no-store", redirect: "error" };
}

// Somebody on the way (a proxy, the log-in page of a hotel) speaks HTML; only our server speaks JSON.
async function read(response) {
  const kind = (response.headers.get("Content-Type") ?? "").split(";")[0];
  if (response.status >= 500) throw (await standsStill(response, kind)) ?? new NoNetwork("broken");
  if (kind === "application/problem+json") throw new Refused(response.status, await response.json());
  if (!response.ok) throw new NoNetwork("broken");
  if (response.status === 204) return null;
  if (kind !== "application/json") throw new NoNetwork("broken");
  setClock(response.headers.get("Date"));
  return response.json();
}

// After a restore the service is there and books nothing: whoever works here has to read why.
async function standsStill(response, kind) {
  if (kind !== "application/problem+json") return null;
  const refused = new Refused(response.status, await response.json());
  return refused.slug === "quarantined" ? refused : null;
}

function setClock(date) {
  const told = Date.parse(date ?? "");
  if (told) ahead = told - Date.now();
}
