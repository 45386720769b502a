import { readFileSync } from "node:fs";
import { parse } from "dotenv";
const texts = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(texts.map((text) => Object.entries(parse(Buffer.from(text, "utf8"))))));
