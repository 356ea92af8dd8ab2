// Turns what a camera sees into the text of a code: the browser's own reader, else ZXing in WebAssembly from our server.

const FOLDER = "/till/reader/8c837bc2ffde50bb/"; // by its content; a test compares
const FILES = ["share.js", "reader/index.js", "reader/zxing_reader.wasm"];
const FORMATS = { qr_code: "QRCode", code_128: "Code128", ean_13: "EAN13", pdf417: "PDF417", aztec: "Aztec" };
const CARD = /^\d{19}(?:\d{8})?$/; // with the digits of the moment
const LARGEST = 800; // pixels: more of them read no better, and slower

let zxing = null, native;

// Some browsers name their own reader and find it missing at the first look.
export async function look(video) {
  native ??= await ownReader();
  if (!native) return read(pixels(video));
  try {
    return best((await native.detect(video)).map((one) => one.rawValue));
  } catch (problem) {
    if (problem.name === "InvalidStateError") return null; // no picture yet
    native = false;
    return null;
  }
}

export async function read(picture) {
  const { readBarcodes } = await (zxing ??= load());
  const found = await readBarcodes(picture, { formats: Object.values(FORMATS), maxNumberOfSymbols: 4, tryDenoise: true });
  return best(found.map((one) => one.text));
}

// Kept by the browser, so that the camera opens without a network too; an older one makes room.
export async function preload() {
  native ??= await ownReader();
  if (native) return;
  if (globalThis.caches) await keep(await caches.open("till-reader"));
  await (zxing ??= load());
}

async function keep(cache) {
  const wanted = FILES.map((name) => new URL(FOLDER + name, location.origin).href);
  const kept = (await cache.keys()).map((request) => request.url);
  await cache.addAll(wanted.filter((address) => !kept.includes(address)));
  for (const address of kept) if (!wanted.includes(address)) await cache.delete(address);
}

async function ownReader() {
  const known = await globalThis.BarcodeDetector?.getSupportedFormats().catch(() => []) ?? [];
  const formats = Object.keys(FORMATS).filter((name) => known.includes(name));
  return formats.includes("qr_code") && new BarcodeDetector({ formats });
}

async function load() {
  const module = await import(`${FOLDER}reader/index.js`);
  const overrides = { locateFile: (name) => `${FOLDER}reader/${name}` };
  await module.prepareZXingModule({ overrides, fireImmediately: true });
  return module;
}

// The middle of the picture, where people hold a code.
function pixels(video) {
  const side = Math.min(video.videoWidth, video.videoHeight), size = Math.min(side, LARGEST);
  const [left, top] = [(video.videoWidth - side) / 2, (video.videoHeight - side) / 2];
  const paper = new OffscreenCanvas(size, size).getContext("2d", { willReadFrequently: true });
  paper.drawImage(video, left, top, side, side, 0, 0, size, size);
  return paper.getImageData(0, 0, size, size);
}

// A card's number, if a poster lies beside the phone.
function best(texts) {
  const found = texts.map((text) => text.trim()).filter(Boolean);
  return found.find((text) => CARD.test(text)) ?? found[0] ?? null;
}
