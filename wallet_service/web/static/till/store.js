// What the browser keeps when the page, the tab or the power goes: one small database.

const NAME = "till";
const STORES = { facts: undefined, waiting: { keyPath: "id" }, verdicts: { keyPath: "id" } };

const writing = new Set();
let opened = null;

// `work` gets the stores and may ask them only; what it answers comes back once all of it is on disk.
export function write(names, work) {
  const done = within("readwrite", names, work);
  const settled = done.catch(() => {}).finally(() => writing.delete(settled));
  writing.add(settled);
  return done;
}

export function read(names, work) {
  return within("readonly", names, work);
}

export async function idle() {
  while (writing.size) await Promise.all(writing);
}

export function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export const fact = (name) => read(["facts"], (facts) => answer(facts.get(name)));
export const keepFact = (name, value) => write(["facts"], (facts) => answer(facts.put(value, name)));
export const dropFact = (name) => write(["facts"], (facts) => answer(facts.delete(name)));

async function within(mode, names, work) {
  const database = await open();
  const step = database.transaction(names, mode, { durability: "strict" });
  const done = ended(step);
  try {
    const found = await work(...names.map((name) => step.objectStore(name)));
    await done;
    return found;
  } catch (problem) {
    done.catch(() => {}); // told by `problem` already
    abort(step);
    throw problem;
  }
}

function ended(step) {
  return new Promise((resolve, reject) => {
    step.oncomplete = () => resolve();
    step.onabort = () => reject(step.error ?? new DOMException("Nothing was kept.", "AbortError"));
  });
}

function abort(step) {
  try {
    step.abort();
  } catch {
    // it ended by itself
  }
}

function open() {
  opened ??= connect().catch((problem) => {
    opened = null;
    throw problem;
  });
  return opened;
}

async function connect() {
  const asked = indexedDB.open(NAME, 1);
  asked.onupgradeneeded = () => {
    for (const [name, how] of Object.entries(STORES)) asked.result.createObjectStore(name, how);
  };
  const database = await answer(asked);
  database.onclose = () => { opened = null; };
  database.onversionchange = () => { database.close(); opened = null; };
  return database;
}
