// Signs with passkit-generator: pictures and papers loaded once, one new pass for each card.
import { readFile, readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { PKPass } from "passkit-generator";

const [, , , stand, seconds] = process.argv;

async function files(folder) {
  const found = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) {
      const path = join(entry.parentPath, entry.name);
      found[relative(folder, path)] = await readFile(path);
    }
  return found;
}

const read = (name) => readFile(join(stand, name));
const model = await files(join(stand, "card.pass"));
const papers = {
  wwdr: await read("wwdr.pem"),
  signerCert: await read("leaf.pem"),
  signerKey: await read("leaf.key"),
};
const spent = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

const made = (serial) => new PKPass(model, papers, { serialNumber: `card-${serial}` }).getAsBuffer();
if (made(0).length < 10_000) throw new Error("That is no pass.");
let count = 0;
const began = spent();
while (spent() - began < Number(seconds)) made(++count);
console.log(JSON.stringify({ a_second: count / (spent() - began) }));
