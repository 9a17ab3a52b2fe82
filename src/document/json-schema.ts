import type { AnyDefinition, PropertyRule, Rule } from './definition.ts';

export type JsonSchema = Record<string, unknown>;

/** Returns the JSON Schema (draft 7) of a document, without its `$schema` and `$id`. */
export function toJsonSchema({ rule, description }: AnyDefinition): JsonSchema {
  return { description, ...schemaOf(rule) };
}

function schemaOf(rule: Rule): JsonSchema {
  switch (rule.kind) {
    case 'any':
      return {};
    case 'number':
      return {
        type: rule.isWhole ? 'integer' : 'number',
        ...(rule.min === -Infinity ? {} : { minimum: rule.min }),
        ...(rule.max === Infinity ? {} : { maximum: rule.max }),
      };
    case 'string':
      return { type: 'string', ...(rule.pattern === null ? {} : { pattern: rule.pattern.regexp.source }) };
    case 'boolean':
      return { type: 'boolean' };
    case 'oneOf':
      return rule.values.length === 1 ? { const: rule.values[0] } : { enum: [...rule.values] };
    case 'nullable':
      return orNull(schemaOf(rule.value.rule));
    case 'list':
      return {
        type: 'array',
        items: toJsonSchema(rule.items),
        ...(rule.fewest === 0 ? {} : { minItems: rule.fewest }),
      };
    case 'record':
      return {
        type: 'object',
        additionalProperties: toJsonSchema(rule.values),
        ...(rule.keys === null ? {} : { propertyNames: { enum: [...rule.keys] } }),
      };
    case 'object':
      return {
        type: 'object',
        properties: Object.fromEntries(
          rule.properties.map((property) => [property.key, ofProperty(property)]),
        ),
        required: rule.properties.filter(({ isRequired }) => isRequired).map(({ key }) => key),
      };
    default:
      return { anyOf: rule.options.map(toJsonSchema) };
  }
}

function ofProperty({ value, takesNull, shownFallback }: PropertyRule): JsonSchema {
  const schema = schemaOf(value.rule);
  return {
    description: value.description,
    ...(takesNull ? orNull(schema) : schema),
    ...(shownFallback === undefined ? {} : { default: shownFallback }),
  };
}

/** Allows `null` too. */
function orNull(schema: JsonSchema): JsonSchema {
  if (Array.isArray(schema['enum']))
    return schema['enum'].includes(null) ? schema : { ...schema, enum: [...schema['enum'], null] };
  if ('const' in schema) return { enum: [schema['const'], null] };
  if (Array.isArray(schema['anyOf'])) return { anyOf: [...schema['anyOf'], { type: 'null' }] };
  const { type } = schema;
  if (type === undefined || Array.isArray(type)) return schema;
  return { ...schema, type: [type, 'null'] };
}
