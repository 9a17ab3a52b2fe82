import type { Random } from '../../src/random.ts';
import { NAMES } from './structure.ts';

const LINES: readonly string[] = [
  'content-length: 5',
  'content-length: 5, 5',
  'content-length: -1',
  'content-length: 99999999999999999999',
  'content-length: constructor',
  'transfer-encoding: chunked',
  'transfer-encoding: gzip, chunked',
  'content-encoding: gzip, gzip',
  'content-encoding: identity',
  'connection: close',
  'connection: upgrade\r\nupgrade: h2c',
  'keep-alive: timeout=0',
  'keep-alive: timeout=99999999999',
  'trailer: x',
  'retry-after: -1',
  'retry-after: 1e999',
  'retry-after: Thu, 99 Foo 2999',
  'retry-after-ms: NaN',
  'date: never',
  'location: //x?secret#y',
  'content-type: text/html',
  'x y: z',
  'no colon',
  ' folded',
  'x: \x01',
  'x: \xff\xfe',
  `x: ${'y'.repeat(20_000)}`,
  ...NAMES.flatMap((name) => [`${name}: x`, `content-type: ${name}`, `x-ratelimit-${name}: ${name}`]),
];
const ENCODINGS: readonly string[] = ['gzip', 'br', 'zstd', 'deflate', 'x-gzip', 'lzma', '', ',', ...NAMES];
const STATUS_LINES: readonly string[] = [
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK',
  'HTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\nHTTP/1.1 200 OK',
  'HTTP/1.1 101 Switching Protocols',
  'HTTP/1.1 000 X',
  'HTTP/1.1 099 X',
  'HTTP/1.1 204 No Content',
  'HTTP/1.1 301 Moved',
  'HTTP/1.1 304 Not Modified',
  'HTTP/1.1 429 Slow Down',
  'HTTP/1.1 500 Oops',
  'HTTP/1.1 999 X',
  'HTTP/1.1 1000 X',
  'HTTP/1.1 200',
  'HTTP/1.0 200 OK',
  'HTTP/2.0 200 OK',
  'HTTP/9.9 200 OK',
  'data: {}',
  '',
];

const pick = <T>(list: readonly T[], random: Random): T => list[random.below(list.length)]!;

/** Returns the lines of a head with one or two of them changed, removed, repeated, moved, or inserted. */
export function changedHead(lines: readonly string[], random: Random): string[] {
  const changed = [...lines];
  for (let left = 1 + random.below(2); left > 0; left--) {
    const at = 1 + random.below(changed.length);
    switch (random.below(6)) {
      case 0:
        changed[0] = pick(STATUS_LINES, random);
        break;
      case 1:
        changed.splice(at, 1);
        break;
      case 2:
        changed.splice(at, 0, changed[random.below(changed.length)]!);
        break;
      case 3:
        changed.splice(at, 0, `content-encoding: ${pick(ENCODINGS, random)}`);
        break;
      default:
        changed.splice(at, 0, pick(LINES, random));
    }
  }
  return changed;
}
