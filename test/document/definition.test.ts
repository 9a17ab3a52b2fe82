import { describe, expect, test } from 'vitest';
import { decode, inOrder } from '../../src/document/decode.ts';
import {
  type Definition,
  either,
  list,
  nullable,
  number,
  object,
  oneOf,
  optional,
  optionalOrNull,
  orNull,
  recordOf,
  string,
  whole,
  withDefault,
} from '../../src/document/definition.ts';
import { toJsonSchema } from '../../src/document/json-schema.ts';

interface Pet {
  name: string;
  age: number | null;
  legs?: number;
  tags: readonly string[];
  kind: 'cat' | 'dog';
}

const PET = object<Pet>(
  {
    name: string('Name.'),
    age: orNull(whole('Age, in years.', 99)),
    legs: optionalOrNull(number('Legs.')),
    tags: withDefault(list(string('Tag.'), 'Tags.'), []),
    kind: oneOf(['cat', 'dog'], 'Kind.'),
  },
  'A pet.',
);

describe('the compiler refuses a definition that is not that of its type', () => {
  test('a key too few, a key too many, another kind, a wrong presence', () => {
    interface Small {
      a: number;
      b?: string;
    }
    const b = optional(string('B.'));
    // @ts-expect-error: the key a is missing
    object<Small>({ b }, '');
    // @ts-expect-error: there is no key c
    object<Small>({ a: number(''), b, c: number('') }, '');
    // @ts-expect-error: a is a number
    object<Small>({ a: string(''), b }, '');
    // @ts-expect-error: a is never null
    object<Small>({ a: nullable(number('')), b }, '');
    // @ts-expect-error: b may be absent
    object<Small>({ a: number(''), b: string('') }, '');
    // @ts-expect-error: a must be there
    object<Small>({ a: optional(number('')), b }, '');
    // @ts-expect-error: x is no value of the type
    const kind: Definition<'cat' | 'dog'> = oneOf(['cat', 'x'], '');
    expect(kind.rule).toMatchObject({ values: ['cat', 'x'] });
  });
});

describe('decode', () => {
  test('fills in the keys that are absent or null, a fresh value each time, and keeps unknown keys', () => {
    const read = decode(PET, { name: 'Tom', kind: 'cat', legs: null, later: 1 });
    expect(read).toEqual({ name: 'Tom', kind: 'cat', age: null, tags: [], later: 1 });
    expect(decode(PET, { name: 'Tom', kind: 'cat' }).tags).not.toBe(read.tags);
  });

  test.each<[document: unknown, message: string]>([
    [null, 'is null, not an object'],
    [[], 'is a list, not an object'],
    [{ kind: 'cat' }, '"name" is missing'],
    [{ name: null, kind: 'cat' }, '"name" is missing'],
    [{ name: 'Tom', kind: 'cow' }, '"kind" is "cow"; expected one of cat, dog'],
    [{ name: 'Tom', kind: 'cat', age: 100 }, '"age" is 100; expected a whole number from 0 to 99'],
    [{ name: 'Tom', kind: 'cat', age: 'x' }, '"age" is a string, not a number'],
    [{ name: 'Tom', kind: 'cat', tags: ['a', 5] }, '"tags[1]" is a number, not a string'],
    [{ name: 'Tom', kind: 'cat', legs: Infinity }, '"legs" is Infinity; expected a number'],
  ])('%j: %s', (document, message) => {
    expect(() => decode(PET, document)).toThrow(new TypeError(message));
  });

  test('the path to a value in lists of objects', () => {
    const pets = object<{ pets: Pet[] }>({ pets: list(PET, 'Pets.') }, 'Pets.');
    const damaged = {
      pets: [
        { name: 'Tom', kind: 'cat' },
        { name: 'Rex', kind: 'dog', age: -1 },
      ],
    };
    expect(() => decode(pets, damaged)).toThrow(/^"pets\[1\]\.age" is -1/);
  });

  test('a map of some keys, and one value of two kinds', () => {
    const map = recordOf(['a', 'b'], either(number(''), string(''), ''), '');
    expect(decode(map, { a: 1, b: 'x' })).toEqual({ a: 1, b: 'x' });
    expect(() => decode(map, { c: 1 })).toThrow('"c" is unknown; expected one of a, b');
    expect(() => decode(map, { a: true })).toThrow('"a" is a boolean, not a number');
  });
});

test('inOrder has the keys of the definition, in its order', () => {
  const pet = { later: 1, kind: 'cat', tags: [], age: null, name: 'Tom' };
  expect(JSON.stringify(inOrder(PET, pet))).toBe('{"name":"Tom","age":null,"tags":[],"kind":"cat"}');
});

test('the JSON Schema, written by hand from draft 7', () => {
  expect(toJsonSchema(PET)).toEqual({
    description: 'A pet.',
    type: 'object',
    properties: {
      name: { description: 'Name.', type: 'string' },
      age: {
        description: 'Age, in years.',
        type: ['integer', 'null'],
        minimum: 0,
        maximum: 99,
        default: null,
      },
      legs: { description: 'Legs.', type: ['number', 'null'] },
      tags: {
        description: 'Tags.',
        type: ['array', 'null'],
        items: { description: 'Tag.', type: 'string' },
        default: [],
      },
      kind: { description: 'Kind.', enum: ['cat', 'dog'] },
    },
    required: ['name', 'kind'],
  });
});
