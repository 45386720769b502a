// Which values Directus' schemas take: JSON {utils, rules, values} in; for each package and rule a list of booleans, or null where no
// schema can be made.
const given = JSON.parse(await new Response(process.stdin).text());
const answers = {};
for (const utils of given.utils) {
	const { generateJoi } = await import(utils);
	answers[utils] = given.rules.map(([operator, operand]) => {
		try {
			const schema = generateJoi({ field: { [operator]: operand } });
			return given.values.map((value) => schema.validate({ field: value }).error === undefined);
		} catch {
			return null;
		}
	});
}
console.log(JSON.stringify(answers));
