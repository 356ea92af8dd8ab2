// Signs and wakes phones with pass-js: the template loaded once, one connection kept.
import { createRequire, syncBuiltinESMExports } from "node:module";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

const [, , work, stand, seconds, port] = process.argv;
const http2 = createRequire(import.meta.url)("node:http2");
const connect = http2.connect;
http2.connect = (_, options) =>
  connect(`https://localhost:${port}`, { rejectUnauthorized: false, key: options.key, cert: options.cert });
syncBuiltinESMExports();

const { Template } = await import("@walletpass/pass-js");
const template = await Template.load(join(stand, "card.pass"), undefined, { allowHttp: true });
template.setCertificate(await readFile(join(stand, "leaf.pem"), "utf8"));
template.setPrivateKey(await readFile(join(stand, "leaf.key"), "utf8"));

const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const clock = () => performance.now() / 1000;

async function sign() {
  const made = (serial) => template.createPass({ serialNumber: `card-${serial}` }).asBuffer();
  if ((await made(0)).length < 10_000) throw new Error("That is no pass.");
  let count = 0;
  const began = cpu();
  while (cpu() - began < Number(seconds)) await made(++count);
  return count / (cpu() - began);
}

async function push() {
  const tokens = (await readFile(join(stand, "tokens"), "utf8")).trim().split("\n");
  let count = 0;
  const wake = async () => {
    const told = await template.pushUpdates(tokens[count++ % tokens.length]);
    if (told[":status"] !== 200) throw new Error(`not accepted: ${told[":status"]}`);
  };
  await wake();
  const began = clock();
  const hands = Array.from({ length: 100 }, async () => {
    while (clock() - began < Number(seconds)) await wake();
  });
  await Promise.all(hands);
  return count / (clock() - began);
}

setInterval(() => {}, 1000); // its connection alone does not keep Node awake
console.log(JSON.stringify({ a_second: await (work === "sign" ? sign() : push()) }));
process.exit(0);
