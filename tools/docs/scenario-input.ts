import { z } from 'zod';
import { scenarioSchema } from '../../src/scenario/keys/schema.ts';

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** Returns src/library/scenario-input.ts: the keys of a scenario as a TypeScript type, from the schema that checks them. */
export function scenarioInputModule(): string {
  const schema = z.toJSONSchema(scenarioSchema, { io: 'input', target: 'draft-7' });
  return `// Generated from the schema of a scenario by \`npm run docs\`. Do not edit.

/** A scenario with the keys and values of a scenario file, which docs/scenario.md describes. */
export interface ScenarioInput ${objectType(schema, '')}
`;
}

/** Returns the TypeScript type of a JSON Schema. */
function typeOf(schema: JsonSchema, indent: string): string {
  const { enum: values, anyOf, type, items, additionalProperties, properties } = schema;
  if ('const' in schema) return literal(schema.const);
  if (values !== undefined) return values.map(literal).join(' | ');
  if (anyOf !== undefined) {
    const types = [...new Set(anyOf.map((each) => typeOf(each, indent)))];
    // A text allows every word.
    const distinct = types.includes('string') ? types.filter((type) => !type.startsWith("'")) : types;
    return distinct.join(' | ');
  }
  switch (type) {
    case 'string':
    case 'boolean':
    case 'null':
      return type;
    case 'number':
    case 'integer':
      return 'number';
    case 'array': {
      const item =
        items === undefined || typeof items !== 'object' ? 'unknown' : typeOf(items as JsonSchema, indent);
      return `readonly ${/[|{]/.test(item) ? `(${item})` : item}[]`;
    }
    case 'object':
      if (properties !== undefined) return objectType(schema, indent);
      return `Readonly<Record<string, ${typeof additionalProperties === 'object' ? typeOf(additionalProperties, indent) : 'unknown'}>>`;
    default:
      return 'unknown';
  }
}

const literal = (value: unknown): string =>
  typeof value === 'string' ? `'${value.replaceAll(/['\\]/g, String.raw`\$&`)}'` : JSON.stringify(value);

function objectType(
  { properties = {}, required = [], additionalProperties }: JsonSchema,
  indent: string,
): string {
  const inner = `${indent}  `;
  const lines = Object.entries(properties).flatMap(([name, value]) => {
    const schema = value as JsonSchema;
    const key = /^[A-Za-z_]\w*$/.test(name) ? name : literal(name);
    // The URL may come from the file or the environment, or stand for a provider's.
    const isRequired = required.includes(name) && name !== 'url';
    const { description } = schema;
    const type = typeOf(schema, inner);
    return (description === undefined ? [] : [`${inner}/** ${description} */`]).concat(
      `${inner}${key}${isRequired ? '' : '?'}: ${type}${isRequired || type === 'unknown' ? '' : ' | undefined'};`,
    );
  });
  const rest = additionalProperties === false ? [] : [`${inner}[key: string]: unknown;`];
  return ['{', ...lines, ...rest, `${indent}}`].join('\n');
}
