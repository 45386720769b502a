// stdin: {api: [{dir, cases: [{entries, addresses}]}], matching: [{entries, addresses}]}; stdout: the same with booleans.
import { readFileSync, writeFileSync, mkdirSync } from "node:fs";
import { createRequire, syncBuiltinESMExports } from "node:module";
import os from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

os.networkInterfaces = () => ({
  lo: [
    { address: "127.0.0.1", netmask: "255.0.0.0", family: "IPv4", internal: true, cidr: "127.0.0.1/8" },
    { address: "::1", netmask: "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", family: "IPv6", internal: true, cidr: "::1/128" },
  ],
});
syncBuiltinESMExports();

const input = JSON.parse(readFileSync(0, "utf8"));
const require = createRequire(import.meta.url);
const { matches } = require("ip-matching");

// What is-denied-ip.js imports is replaced: environment and logger by stubs, the rest is the real thing.
async function load({ api, utils }, index) {
  const text = readFileSync(join(api, "dist/request/is-denied-ip.js"), "utf8");
  const folder = join(process.cwd(), `denied-${index}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "env.mjs"), "export const current = { list: [] }; export const useEnv = () => ({ IMPORT_IP_DENY_LIST: current.list });");
  writeFileSync(join(folder, "logger.mjs"), "export const useLogger = () => ({ warn() {} });");
  writeFileSync(
    join(folder, "networks.mjs"),
    'import { matches } from "ip-matching"; export const ipInNetworks = (ip, networks) => networks.some((network) => matches(ip, network));',
  );
  const source = text
    .replace(/["']@directus\/env["']/, '"./env.mjs"')
    .replace(/["']\.\.\/logger\/index\.js["']/, '"./logger.mjs"')
    .replace(/["']\.\.\/utils\/ip-in-networks\.js["']/, '"./networks.mjs"')
    .replace(/["']@directus\/utils\/node["']/, utils ? JSON.stringify(utils) : '""');
  writeFileSync(join(folder, "denied.mjs"), source);
  const { isDeniedIp } = await import(pathToFileURL(join(folder, "denied.mjs")).href);
  const { current } = await import(pathToFileURL(join(folder, "env.mjs")).href);
  return (list, address) => ((current.list = list), isDeniedIp(address));
}

const answers = [];
for (const [index, group] of input.entries()) {
  const denied = await load(group, index);
  answers.push(group.cases.map(({ entries, addresses }) => addresses.map((address) => denied(entries, address))));
}
console.log(JSON.stringify(answers));
