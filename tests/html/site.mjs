// Opens pages of the website in Chromium: {browser, address, pages, widths, query}. Answers what was requested from elsewhere, which
// errors the console shows, which pages are wider than the window, what the search finds, and what axe finds serious.
import axe from "axe-core";
import { chromium } from "playwright-core";

let text = "";
for await (const chunk of process.stdin) text += chunk;
const { browser: executablePath, address, pages, widths, query } = JSON.parse(text);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
const widest = Math.max(...widths);
const answer = { foreign: [], errors: [], wide: [], requests: 0, found: [], axe: [] };

for (const colorScheme of ["light", "dark"]) {
  const context = await browser.newContext({ colorScheme });
  const page = await context.newPage();
  page.on("request", (request) => {
    answer.requests += 1;
    if (!request.url().startsWith(address) && !request.url().startsWith("data:")) answer.foreign.push(request.url());
  });
  page.on("pageerror", (error) => answer.errors.push(String(error)));
  page.on("console", (message) => { if (message.type() === "error") answer.errors.push(message.text()); });
  for (const path of pages) {
    await page.setViewportSize({ width: widest, height: 900 });
    await page.goto(address + path, { waitUntil: "networkidle" });
    await page.evaluate(axe.source);
    // What the colours do not decide is judged once.
    const { violations } = await page.evaluate((rules) => axe.run(rules), colorScheme === "dark" ? { runOnly: ["color-contrast"] } : {});
    const serious = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
    answer.axe.push(...serious.map(({ id, nodes }) => `${path} ${colorScheme}: ${id} ${nodes[0].target.join(" ")}`));
    for (const width of colorScheme === "dark" ? [] : widths) {
      await page.setViewportSize({ width, height: 900 });
      const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (beyond > 0) answer.wide.push(`${path} at ${width}: ${beyond}`);
    }
  }
  await context.close();
}

// The results of the search are in a shadow tree, which locators of Playwright look into.
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
page.on("request", (request) => { if (!request.url().startsWith(address)) answer.foreign.push(request.url()); });
await page.goto(address, { waitUntil: "networkidle" });
await page.getByText("Search").locator("visible=true").first().click();
await page.keyboard.type(query, { delay: 30 });
const results = page.locator("a[href*='h=']");
await results.first().waitFor({ timeout: 20000 }).catch(() => {});
// While one types it finds something for each letter: the answer is what stays.
for (let tries = 0, before = null; tries < 40; tries += 1) {
  answer.found = await results.evaluateAll((links) => links.map((link) => new URL(link.href).pathname));
  if (answer.found.length > 0 && answer.found.join() === before) break;
  before = answer.found.join();
  await page.waitForTimeout(500);
}
await browser.close();
console.log(JSON.stringify(answer));
