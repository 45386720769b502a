// Pictures of a page: {browser, file, shots: [{path, width, height, scheme, selector, steps, full, paper}]}; a path that ends with .pdf is printed.
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

let text = "";
for await (const chunk of process.stdin) text += chunk;
const { browser: executablePath, file, shots } = JSON.parse(text);
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
for (const shot of shots) {
  const context = await browser.newContext({
    viewport: { width: shot.width, height: shot.height || 900 }, colorScheme: shot.scheme || "light",
    deviceScaleFactor: shot.scale || 1, reducedMotion: "reduce",
  });
  const page = await context.newPage();
  await page.goto(pathToFileURL(file).href);
  for (const step of shot.steps || []) {
    if (step.press) await page.keyboard.press(step.press);
    if (step.click) await page.locator(step.click).first().click();
    if (step.focus) await page.locator(step.focus).first().focus();
    if (step.hash) await page.evaluate((hash) => { location.hash = hash; }, step.hash);
  }
  if (shot.paper) {
    await page.emulateMedia({ media: "print" });
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  }
  if (shot.path.endsWith(".pdf")) await page.pdf({ path: shot.path, format: "A4", margin: { top: "12mm", bottom: "12mm", left: "12mm", right: "12mm" } });
  else if (shot.selector) await page.locator(shot.selector).first().screenshot({ path: shot.path });
  else await page.screenshot({ path: shot.path, fullPage: shot.full !== false });
  await context.close();
}
await browser.close();
console.log(JSON.stringify(shots.length));
