import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import type { ApiName } from '../../src/client/api/api.ts';
import { type Random, randomStream } from '../../src/random.ts';
import { loadCases } from '../../test/client/cases.ts';
import { mutated } from '../../test/client/mutations.ts';
import { randomStreams } from '../../test/client/random-streams.ts';
import { writeBytes } from '../../test/client/raw-server.ts';
import { changedHead } from './heads.ts';
import { restructured } from './structure.ts';

export const APIS: readonly ApiName[] = ['chat', 'completions', 'responses', 'messages'];

const COMPRESS = new Map<string, (bytes: Buffer) => Buffer>([
  ['identity', (bytes) => bytes],
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  // Its default quality takes longer than everything else together.
  ['br', (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 3 } })],
  ['zstd', zstdCompressSync],
]);
export const CODINGS: readonly string[] = [...COMPRESS.keys()];

/** How the server ends the response: with the last chunk, by closing, by a reset, or not at all. */
export const ENDS = ['last-chunk', 'close', 'reset', 'hang'] as const;

/** A response as the server writes it. */
export interface FuzzResponse {
  api: ApiName;
  coding: string;
  /** Status line and headers. */
  head: string[];
  /** HTTP chunks, each in its own write. */
  pieces: Buffer[];
  end: (typeof ENDS)[number];
}

/** Bodies of the cases, each with its API; compressed ones are created here. */
const cases = loadCases().filter(({ headers }) => !('content-encoding' in headers));
const bodies = cases.map(({ writes }) => Buffer.concat(writes.map((write) => writeBytes(write))));
const ofApi = new Map(APIS.map((api) => [api, bodies.flatMap((_, k) => (cases[k]!.api === api ? [k] : []))]));

/** Returns the response of this number: the same bytes for the same seed, whatever was requested before. */
export function fuzzResponse(
  seed: number,
  number: number,
  apis: readonly ApiName[],
  codings: readonly string[],
): FuzzResponse {
  const random = randomStream(seed, 'fuzz', number);
  const coding = codings[Math.floor(number / apis.length) % codings.length]!;
  const { api, status, body } = source(apis[number % apis.length]!, random);
  const bytes = compressed(changedBody(body, random), coding, random);
  const lines = [
    `HTTP/1.1 ${status} Status`,
    'content-type: text/event-stream',
    'transfer-encoding: chunked',
  ];
  if (coding !== 'identity') lines.push(`content-encoding: ${coding}`);
  const isChanged = random.below(4) === 0;
  return {
    api,
    coding,
    head: isChanged ? changedHead(lines, random) : lines,
    pieces: cut(bytes, random),
    end: endOf(isChanged, random),
  };
}

/**
 * Returns how the response ends. With a changed head the body may have no end, or its rest may be parsed as the next
 * response: only a close ends it.
 */
function endOf(isChanged: boolean, random: Random): FuzzResponse['end'] {
  const draw = random.below(200);
  // Such a response ends by a timeout.
  if (draw === 0) return 'hang';
  if (draw < 20) return 'reset';
  return isChanged || draw < 50 ? 'close' : 'last-chunk';
}

function source(api: ApiName, random: Random): { api: ApiName; status: number; body: Buffer } {
  if ((api === 'chat' || api === 'completions') && random.below(3) === 0) {
    // Similar events, which are read with templates.
    const made = randomStreams(random, 10 + random.below(40));
    return { api, status: 200, body: Buffer.concat(made.streams[0]!) };
  }
  const known = ofApi.get(api)!;
  const k = known[random.below(known.length)]!;
  return { api, status: cases[k]!.status, body: bodies[k]! };
}

function changedBody(body: Buffer, random: Random): Buffer {
  const kind = random.below(10);
  let changed = body;
  if (kind < 7) changed = restructured(changed, random);
  if (kind === 0 || kind > 7) changed = mutated(changed, bodies[random.below(bodies.length)]!, random);
  return changed;
}

/** Damages a fifth of the compressed bodies. */
function compressed(body: Buffer, coding: string, random: Random): Buffer {
  const bytes = COMPRESS.get(coding)!(body);
  return coding === 'identity' || random.below(5) !== 0 ? bytes : mutated(bytes, bytes, random);
}

function cut(bytes: Buffer, random: Random): Buffer[] {
  const most = [bytes.length + 1, 4000, 400, 20][random.below(4)]!;
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length && pieces.length < 400;) {
    const size = pieces.length === 399 ? bytes.length : 1 + random.below(most);
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}
