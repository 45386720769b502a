// stdin: [{api, helmet, env, prefix, cases: [{NAME: text}]}]; stdout: for each case {header, value} or {error}.
import { readFileSync, writeFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const groups = JSON.parse(readFileSync(0, "utf8"));
const { merge } = await import("lodash-es");

// The defaults of a policy stand as a literal in the API's code, just before getConfigFromEnv(prefix).
function literal(text, prefix) {
  const end = text.search(new RegExp(`,\\s*getConfigFromEnv\\(["']${prefix}["']\\)`));
  let depth = 0;
  for (let i = end; i >= 0; i--) {
    if (text[i] === "}") depth++;
    if (text[i] === "{" && --depth === 0) return eval(`(${text.slice(i, end)})`);
  }
}

const answers = [];
for (const [index, { api, helmet, env, prefix, cases }] of groups.entries()) {
  const folder = join(process.cwd(), `csp-${index}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "env.mjs"), "export const current = { env: {} }; export const useEnv = () => current.env;");
  const config = readFileSync(join(api, "dist/utils/get-config-from-env.js"), "utf8").replace(/["']@directus\/env["']/, '"./env.mjs"');
  writeFileSync(join(folder, "config.mjs"), config.replace(/["']@directus\/utils["']/, '"utils-39"'));
  // The package exports only useEnv, which remembers its answer; its cast stands in the same file.
  const dist = join(process.cwd(), "node_modules", env, "dist");
  const cast = readFileSync(join(dist, "index.js"), "utf8");
  writeFileSync(join(dist, "cast.mjs"), cast.replace(/export\s*\{\s*useEnv\s*\};?\s*$/, "export { cast };"));
  const { current } = await import(pathToFileURL(join(folder, "env.mjs")).href);
  const { getConfigFromEnv } = await import(pathToFileURL(join(folder, "config.mjs")).href);
  const casting = await import(pathToFileURL(join(dist, "cast.mjs")).href);
  const { contentSecurityPolicy } = await import(helmet);
  const text = readFileSync(join(api, prefix.startsWith("ASSETS") ? "dist/controllers/assets.js" : "dist/app.js"), "utf8");
  answers.push(
    cases.map((variables) => {
      current.env = Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, casting.cast(value, key)]));
      try {
        const answer = {};
        const middleware = contentSecurityPolicy(merge(literal(text, prefix), getConfigFromEnv(prefix)));
        middleware({}, { setHeader: (header, value) => Object.assign(answer, { header, value }) }, (error) => {
          if (error) throw error;
        });
        return answer;
      } catch (error) {
        return { error: String(error) };
      }
    }),
  );
}
console.log(JSON.stringify(answers));
