// Renders Markdown as GitHub does, as far as it matters here: GFM tables, raw HTML, then a sanitizer with GitHub's list of
// tags. In: {pages: {name: markdown}}. Out, for each page and renderer: tags with their attributes, links, text and code.
import MarkdownIt from 'markdown-it';
import { marked } from 'marked';
import { parseDocument } from 'htmlparser2';

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { pages } = JSON.parse(Buffer.concat(chunks).toString());
// GitHub links addresses with a scheme or `www.`, and mail; not bare host names.
const github = new MarkdownIt({ html: true, linkify: true });
github.linkify.set({ fuzzyLink: false });
const engines = {
	'markdown-it': (text) => github.render(text),
	marked: (text) => marked.parse(text, { gfm: true, async: false }),
};
const answer = {};
for (const [name, text] of Object.entries(pages)) {
	for (const [engine, render] of Object.entries(engines)) {
		const tags = [];
		const codes = [];
		const diagrams = [];
		const texts = [];
		const walk = (node, parents) => {
			if (node.type === 'text') {
				texts.push(node.data);
				return;
			}
			if (node.type === 'comment') tags.push({ name: '!--', attributes: {}, parents });
			if (node.name) tags.push({ name: node.name, attributes: node.attribs ?? {}, parents });
			if (node.name === 'code') {
				const inside = [];
				const collect = (one) => (one.type === 'text' ? inside.push(one.data) : (one.children ?? []).forEach(collect));
				collect(node);
				((node.attribs.class ?? '').includes('language-') ? diagrams : codes).push(inside.join(''));
			}
			for (const child of node.children ?? []) walk(child, node.name ? [...parents, node.name] : parents);
		};
		walk(parseDocument(render(text)), []);
		answer[`${name} by ${engine}`] = { tags, codes, diagrams, text: texts.join('\n') };
	}
}
process.stdout.write(JSON.stringify(answer));
