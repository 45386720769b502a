// stdin: [{api, env, cases: [{variables: {NAME: text}, origins: [text]}]}]; stdout: for each case and origin [allowed origin, credentials].
import { readFileSync, writeFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const groups = JSON.parse(readFileSync(0, "utf8"));

const answers = [];
for (const [index, { api, env, cases }] of groups.entries()) {
  const folder = join(process.cwd(), `cors-${index}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "env.mjs"), "export const current = { env: {} }; export const useEnv = () => current.env;");
  const middleware = readFileSync(join(api, "dist/middleware/cors.js"), "utf8").replace(/["']@directus\/env["']/, '"./env.mjs"');
  writeFileSync(join(folder, "cors.mjs"), middleware);
  // The package exports only useEnv, which remembers its answer; its cast stands in the same file.
  const dist = join(process.cwd(), "node_modules", env, "dist");
  const text = readFileSync(join(dist, "index.js"), "utf8");
  writeFileSync(join(dist, "cast.mjs"), text.replace(/export\s*\{\s*useEnv\s*\};?\s*$/, "export { cast };"));
  const { current } = await import(pathToFileURL(join(folder, "env.mjs")).href);
  const { cast } = await import(pathToFileURL(join(dist, "cast.mjs")).href);
  const found = [];
  for (const [number, { variables, origins }] of cases.entries()) {
    const defaults = { CORS_ENABLED: true, CORS_ORIGIN: false, CORS_CREDENTIALS: true, CORS_METHODS: ["GET"], CORS_MAX_AGE: 18000 };
    const set = Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, cast(value, key)]));
    current.env = { ...defaults, ...set };
    // The middleware reads the environment when its module is loaded.
    const module = await import(`${pathToFileURL(join(folder, "cors.mjs")).href}?${number}`);
    found.push(
      origins.map((origin) => {
        const sent = {};
        const response = {
          setHeader: (name, value) => (sent[name.toLowerCase()] = value),
          getHeader: (name) => sent[name.toLowerCase()],
        };
        module.default({ method: "GET", headers: { origin } }, response, () => {});
        return [sent["access-control-allow-origin"] ?? null, sent["access-control-allow-credentials"] ?? null];
      }),
    );
  }
  answers.push(found);
}
console.log(JSON.stringify(answers));
