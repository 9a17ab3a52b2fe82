/** Returns the `$id` of a version's schema, where the published package has it: `major.minor` names the schema. */
export function schemaUrl(version: string, file = 'scenario.schema.json'): string {
  const [major, minor] = version.split('.');
  return `https://unpkg.com/goodput@${major}.${minor}/docs/${file}`;
}
