import type { Faker, LocaleDefinition } from '@faker-js/faker';
import { type Random, randomStream } from '../random.ts';
import { RecordError, shown, suggestion } from '../dataset/model/record-error.ts';
import type { Field } from './fields.ts';

/** Dates count from here, so that a seed gives the same ones at any time. */
const NOW = '2025-01-01T00:00:00Z';

type Method = (...args: readonly unknown[]) => unknown;

/**
 * Returns a field of invented names, places, products and the like, by a method of Faker: `{faker: person.fullName, locale: de}`.
 * @throws {RecordError} if there is no such method or locale, or it refuses its arguments
 */
export async function fakerField(spec: Readonly<Record<string, unknown>>): Promise<Field> {
  // It has the names of all locales, so it is only loaded for a field that uses it.
  const { allLocales, base, en, Faker } = await import('@faker-js/faker');
  const { faker: name, args = [], locale = 'en' } = spec;
  const locales = allLocales as Readonly<Record<string, LocaleDefinition>>;
  if (typeof locale !== 'string' || !Object.hasOwn(locales, locale))
    throw new RecordError(
      `unknown locale ${shown(locale)}${suggestion(String(locale), Object.keys(locales))}`,
    );
  let random: Random | null = null;
  const faker = new Faker({
    locale: [locales[locale]!, en, base],
    randomizer: { next: () => random!.uniform(), seed: () => {} },
  });
  faker.setDefaultRefDate(NOW);
  const methods = methodsOf(faker);
  const method = typeof name === 'string' ? methods.get(name) : undefined;
  if (method === undefined)
    throw new RecordError(
      `no method ${shown(name)} of Faker${suggestion(String(name), methods.keys())}; docs: fakerjs.dev/api`,
    );
  const list = Array.isArray(args) ? (args as unknown[]) : [args];
  const field: Field = (stream) => {
    random = stream;
    return textOf(method(...list));
  };
  try {
    field(randomStream(0, 'trial'));
  } catch (error) {
    throw new RecordError(`${String(name)}: ${(error as Error).message}`);
  }
  return field;
}

/** Returns the methods of Faker's modules that make values, by name. */
function methodsOf(faker: Faker): Map<string, Method> {
  const methods = new Map<string, Method>();
  for (const [module, value] of Object.entries(faker) as [string, unknown][]) {
    if (typeof value !== 'object' || value === null || module === 'helpers' || module.startsWith('_'))
      continue;
    for (const [name, method] of Object.entries(value) as [string, unknown][])
      if (typeof method === 'function') methods.set(`${module}.${name}`, method as Method);
  }
  return methods;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Date) return value.toISOString();
  return Array.isArray(value) ? value.map(textOf).join(', ') : JSON.stringify(value);
}
