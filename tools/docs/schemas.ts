import { VERSION } from '../../src/version.ts';
import { schemaUrl } from '../../src/scenario/keys/schema-url.ts';
import { DOCUMENT_NAMES, jsonSchemaOf } from '../../src/schemas/index.ts';

/** docs/schemas/: the JSON Schema of each document that goodput writes. */
export const SCHEMA_PAGES = DOCUMENT_NAMES.map((name) => {
  const file = `schemas/${name}.schema.json`;
  return {
    path: `docs/${file}`,
    content: (): string => {
      const { $schema, ...rest } = jsonSchemaOf(name);
      return `${JSON.stringify({ $schema, $id: schemaUrl(VERSION, file), ...rest }, null, 2)}\n`;
    },
  };
});
