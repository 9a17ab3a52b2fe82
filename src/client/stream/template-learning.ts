import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '../http/json-values.ts';
import { asObject, asText } from '../http/json-values.ts';
import type { Scalar } from '../http/json-scalars.ts';
import { scalarsOf } from '../http/json-scalars.ts';
import { Template } from './template.ts';

/** A member of a payload that a hole of the template fills. */
export interface Slot {
  hole: number;
  parent: Record<string, unknown>;
  key: string;
}

/** An event that a template was, or could be, learned from. */
export interface Example {
  data: string;
  scalars: readonly Scalar[];
  /** Indices of those that are holes. */
  holes: ReadonlySet<number>;
}

export interface LearnedTemplate {
  template: Template;
  example: Example;
  /** Payload of the event it was learned from; the slots refer to it. */
  payload: JsonObject;
  /** Places of output text, of which only the emptiness matters. */
  texts: readonly Slot[];
  counts: readonly Slot[];
}

type HoleKind = 'text' | 'count' | 'ignored';

const TEXT_KEYS = new Set(['content', 'reasoning_content', 'reasoning']);

/** Top-level strings that no reader uses: ids, which differ by stream, and padding, which differs by event. */
const UNUSED_KEYS = new Set(['id', 'system_fingerprint', 'obfuscation', 'p']);

/** Each text doubles the summaries of a shape; proxies repeat a text once. */
const MAX_TEXTS = 2;

/**
 * Returns the kind of hole that a value may be, or `null`. Values qualify only at these places, where only a text's emptiness, a number
 * or nothing is read.
 */
function holeKind({ path, kind }: Scalar): HoleKind | null {
  const [top, second, third, fourth] = path;
  if (kind === 'string') {
    if (path.length === 1) return UNUSED_KEYS.has(top!) ? 'ignored' : null;
    if (top !== 'choices' || second !== '0') return null;
    if (path.length === 3) return third === 'text' ? 'text' : null;
    return path.length === 4 && third === 'delta' && TEXT_KEYS.has(fourth!) ? 'text' : null;
  }
  if (kind === 'other') return null;
  if (path.length === 1) return top === 'created' ? 'ignored' : null;
  if (top === 'usage' || (top === 'x_groq' && second === 'usage')) return 'count';
  if (top !== 'choices' || second !== '0') return null;
  if (third === 'usage') return 'count';
  // Token ids are counted, not read.
  return path.length === 4 && (third === 'token_ids' || third === 'output_ids') ? 'ignored' : null;
}

const INTEGER = /^(0|[1-9]\d{0,14})$/;

/** Returns an event as an example, or `null` if it is nested too deeply for a template. */
export function exampleOf(data: string): Example | null {
  const scalars = scalarsOf(data);
  return scalars === null ? null : { data, scalars, holes: new Set() };
}

/**
 * Learns a template for events like this one.
 * @param data of an event that consists of `data: `, this, and two LF
 * @param earlier events. Values that differ from those of an event of the same structure become holes, as do that event's holes
 * @returns `null` if there is none, or if its holes cannot be proven
 */
export function learnTemplate(data: string, earlier: readonly Example[]): LearnedTemplate | null {
  const payload = asObject(JSON.parse(data));
  const scalars = payload === null ? null : scalarsOf(data);
  if (payload === null || scalars === null) return null;
  const alike = earlier.filter((example) => isAlike(scalars, example.scalars));

  const holes: { at: number; scalar: Scalar; kind: HoleKind }[] = [];
  for (const [at, scalar] of scalars.entries()) {
    const kind = holeKind(scalar);
    if (kind === null) continue;
    const raw = data.slice(scalar.start, scalar.end);
    const varies = alike.some(
      (example) =>
        example.holes.has(at) ||
        raw !== example.data.slice(example.scalars[at]!.start, example.scalars[at]!.end),
    );
    if (!varies && !(kind === 'text' && raw !== '')) continue;
    if (scalar.kind === 'number' && !INTEGER.test(raw)) continue;
    holes.push({ at, scalar, kind });
  }
  if (!isProven(data, payload, holes)) return null;

  const slots = holes.map(({ scalar, kind }, hole) => ({
    kind,
    slot: { hole, ...placeOf(payload, scalar.path)! },
  }));
  const ofKind = (wanted: HoleKind): Slot[] =>
    slots.filter(({ kind }) => kind === wanted).map(({ slot }) => slot);
  const texts = ofKind('text');
  if (texts.length === 0 || texts.length > MAX_TEXTS) return null;

  const edges = [0, ...holes.flatMap(({ scalar }) => [scalar.start, scalar.end]), data.length];
  const literals = Array.from({ length: holes.length + 1 }, (_, i) =>
    data.slice(edges[2 * i], edges[2 * i + 1]),
  );
  literals[0] = `data: ${literals[0]}`;
  literals[holes.length] += '\n\n';
  const template = new Template(
    literals,
    holes.map(({ scalar }) => (scalar.kind === 'string' ? 'string' : 'integer')),
    holes.findIndex(({ kind }) => kind !== 'ignored'),
  );
  const example = { data, scalars, holes: new Set(holes.map(({ at }) => at)) };
  return { template, example, payload, texts, counts: ofKind('count') };
}

/** Returns true if two events have values of the same kinds at the same paths. */
function isAlike(one: readonly Scalar[], other: readonly Scalar[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ kind, path }, i) => {
      const { kind: otherKind, path: otherPath } = other[i]!;
      return (
        kind === otherKind &&
        path.length === otherPath.length &&
        path.every((key, depth) => key === otherPath[depth])
      );
    })
  );
}

/**
 * Proves the holes: puts a different sentinel into each, parses the result, and requires each sentinel at its path and everything else
 * unchanged. A hole in a key, or in a value that a repeated key overrides, does not pass.
 */
function isProven(
  data: string,
  payload: JsonObject,
  holes: readonly { scalar: Scalar; kind: HoleKind }[],
): boolean {
  let rebuilt = '';
  let end = 0;
  const places: { parent: Record<string, unknown>; key: string; sentinel: unknown }[] = [];
  const expected = structuredClone(payload);
  for (const [i, { scalar }] of holes.entries()) {
    const place = placeOf(expected, scalar.path);
    if (place === null) return false;
    // The sentinel must differ from the value, or the proof would be empty.
    const number = 700_000 + i + (place.parent[place.key] === 700_000 + i ? 100_000 : 0);
    const sentinel = scalar.kind === 'number' ? number : `${asText(place.parent[place.key])} ${i}`;
    place.parent[place.key] = sentinel;
    places.push({ ...place, sentinel });
    rebuilt +=
      data.slice(end, scalar.start) +
      (scalar.kind === 'number' ? number : JSON.stringify(sentinel).slice(1, -1));
    end = scalar.end;
  }
  rebuilt += data.slice(end);
  // If two holes share a place, the later sentinel has replaced the earlier one.
  if (!places.every(({ parent, key, sentinel }) => parent[key] === sentinel)) return false;
  return isDeepStrictEqual(JSON.parse(rebuilt), expected);
}

function placeOf(
  payload: JsonObject,
  path: readonly string[],
): { parent: Record<string, unknown>; key: string } | null {
  let parent: unknown = payload;
  for (const key of path.slice(0, -1)) {
    if (typeof parent !== 'object' || parent === null) return null;
    parent = (parent as Record<string, unknown>)[key];
  }
  const key = path.at(-1);
  if (typeof parent !== 'object' || parent === null || key === undefined || !Object.hasOwn(parent, key))
    return null;
  return { parent: parent as Record<string, unknown>, key };
}
