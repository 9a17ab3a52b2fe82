interface Keyed {
  description?: unknown;
  properties?: Record<string, Keyed>;
  [keyword: string]: unknown;
}

/** Every key of a schema, at every depth. */
export function* keysOf(schema: unknown): Generator<[key: string, schema: Keyed]> {
  if (Array.isArray(schema)) for (const each of schema) yield* keysOf(each);
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return;
  for (const [keyword, value] of Object.entries(schema as Keyed)) {
    if (keyword === 'default' || keyword === 'required') continue;
    if (keyword === 'properties') yield* Object.entries(value as Record<string, Keyed>);
    yield* keysOf(keyword === 'properties' ? Object.values(value as object) : value);
  }
}
