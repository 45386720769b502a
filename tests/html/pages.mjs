// Opens pages in Chromium and says what happened. Each line of stdin is one page: {browser, file, states, axe}, and is answered by
// a line. A state: {name, scheme, width, steps, print}.
// Answers for each state: requests, violations of the policy, what a planted script did, what axe finds, what steps read.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import axe from "axe-core";
import { chromium } from "playwright-core";

let browser;

const read = {
  active: (page) => page.evaluate(() => {
    const element = document.activeElement;
    return { role: element.getAttribute("role") || element.tagName.toLowerCase(), label: element.getAttribute("aria-label") || element.querySelector(".spoken")?.textContent || element.textContent.trim(), row: element.place?.row, column: element.place?.column };
  }),
  text: (page, selector) => page.locator(selector).first().innerText(),
  count: (page, selector) => page.locator(`${selector}:visible`).count(),
  drawn: (page, selector) => page.locator(selector).count(),
};

async function take(page, step) {
  const [[kind, value]] = Object.entries(step);
  if (kind === "press") for (let number = 0; number < (step.times || 1); number += 1) await page.keyboard.press(value);
  else if (kind === "type") await page.keyboard.type(value);
  else if (kind === "click") await page.locator(value).first().click();
  else if (kind === "hover") await page.locator(value).first().hover();
  else if (kind === "focus") await page.locator(value).first().focus();
  else if (kind === "scroll") await page.locator(value).first().evaluate((element, [left, top]) => element.scrollTo(left, top), step.by);
  else if (kind === "frame") await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  else return [await read[kind](page, value)];
  return [];
}

async function open(file, state, judged) {
  const context = await browser.newContext({
    viewport: { width: state.width || 1440, height: 900 }, colorScheme: state.scheme || "light", reducedMotion: "reduce",
    javaScriptEnabled: state.script !== false,
  });
  const page = await context.newPage();
  const requests = [], errors = [], dialogs = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => { if (message.type() === "error") errors.push(message.text()); });
  page.on("dialog", (dialog) => { dialogs.push(dialog.message()); dialog.dismiss(); });
  await page.addInitScript(() => {
    window.refused = [];
    addEventListener("securitypolicyviolation", (event) => window.refused.push(`${event.violatedDirective} ${event.blockedURI}`));
  });
  await page.goto(pathToFileURL(file).href);
  const steps = [];
  for (const step of state.steps || []) steps.push(...await take(page, step));
  const answer = { name: state.name, steps, errors, dialogs, requests: requests.length };
  if (state.script !== false) {
    Object.assign(answer, await page.evaluate(() => ({
      refused: window.refused, owned: window.owned ?? null, nodes: document.getElementsByTagName("*").length,
      wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      load: Math.round(performance.timing.loadEventEnd - performance.timing.navigationStart),
      foreign: [...document.querySelectorAll("script, style, img, iframe, object, embed, link, base, form[action]")].map((element) => element.tagName.toLowerCase()),
    })));
  }
  if (state.paper) answer.pages = (await page.pdf({ format: "A4" })).toString("latin1").match(/\/Type\s*\/Page\b/g)?.length || 0;
  if (judged) {
    await page.evaluate(axe.source);
    // What the colours do not decide is judged in the light scheme.
    const rules = state.scheme === "dark" ? { runOnly: ["color-contrast"] } : {};
    const result = await page.evaluate((chosen) => axe.run(document, { resultTypes: ["violations"], ...chosen }), rules);
    answer.violations = result.violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => `${node.html.slice(0, 160)} ${node.any[0]?.message || node.all[0]?.message || ""}`).join(" | ")}`);
  }
  await context.close();
  return answer;
}

for await (const line of createInterface({ input: process.stdin })) {
  const { browser: executablePath, file, states, axe: judged } = JSON.parse(line);
  browser ||= await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  const answers = [];
  for (const state of states) answers.push(await open(file, state, judged));
  console.log(JSON.stringify(answers));
}
await browser?.close();
