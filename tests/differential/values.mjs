// stdin: {cast: {package: [[name, text]]}, bytes: [text], ms: [text]}; what JSON cannot say is tagged.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(import.meta.url);
const input = JSON.parse(readFileSync(0, "utf8"));
const encode = (value) => {
  if (value === undefined) return { $: "undefined" };
  if (value instanceof RegExp) return { $: "regex", source: value.source };
  if (typeof value === "number" && !Number.isFinite(value)) return { $: String(value) };
  if (Array.isArray(value)) return value.map(encode);
  if (value && typeof value === "object") return { $: "object", entries: Object.entries(value).map(([k, v]) => [k, encode(v)]) };
  return value;
};
const cast = {};
for (const [name, pairs] of Object.entries(input.cast)) {
  const dist = join(process.cwd(), "node_modules", name, "dist");
  const text = readFileSync(join(dist, "index.js"), "utf8");
  writeFileSync(join(dist, "cast.mjs"), text.replace(/export\s*\{\s*useEnv\s*\};?\s*$/, "export { cast };"));
  const module = await import(pathToFileURL(join(dist, "cast.mjs")).href);
  cast[name] = pairs.map(([key, value]) => {
    try {
      return encode(module.cast(value, key));
    } catch (error) {
      return { $: "error" };
    }
  });
}
const bytes = require("bytes");
const ms = require("ms");
const time = (text) => {
  try {
    return encode(ms(text));
  } catch {
    return { $: "undefined" };
  }
};
console.log(JSON.stringify({ cast, bytes: input.bytes.map((text) => encode(bytes.parse(text))), ms: input.ms.map(time) }));
