// What Directus' own functions make of templates and of conditions: JSON {utils, texts, conditions} in, JSON out.
const given = JSON.parse(await new Response(process.stdin).text());
const answers = {};
for (const utils of given.utils) {
	const { applyOptionsData, parseFilter, validatePayload } = await import(utils);
	const texts = given.texts.map(([option, data]) => {
		try {
			return { value: applyOptionsData({ option }, data).option ?? null };
		} catch {
			return { error: true };
		}
	});
	const conditions = given.conditions.map(([filter, data, accountability]) => {
		try {
			// The handler of the operation (dist/operations/condition/index.js).
			const rendered = applyOptionsData({ filter }, data).filter;
			// Api 21.0.2 hands the filter on as it is, 39.2.1 parses it.
			const parsed = utils === 'utils-10' ? rendered : parseFilter(rendered, accountability, undefined, true);
			if (utils !== 'utils-10' && !parsed) return true;
			return validatePayload(parsed, data, { requireAll: true }).length === 0;
		} catch {
			return false;
		}
	});
	answers[utils] = { texts, conditions };
}
console.log(JSON.stringify(answers));
