import type { FuzzResponse } from './responses.ts';

/** Maximum number of trials per response; each takes a request or two. */
const MOST_TRIALS = 400;

/** Returns true if a list still fails. */
type Fails<T> = (list: readonly T[]) => Promise<boolean>;

/** Removes parts of a list as long as it fails without them, halves first, then smaller parts (Zeller's ddmin). */
export async function shortest<T>(list: readonly T[], fails: Fails<T>): Promise<readonly T[]> {
  let left = list;
  for (let size = Math.ceil(left.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < left.length;) {
      const without = [...left.slice(0, at), ...left.slice(at + size)];
      if (without.length < left.length && (await fails(without))) left = without;
      else at += size;
    }
  }
  return left;
}

/**
 * Returns the smallest response found that still fails: without header lines, in one chunk, without lines, and
 * without bytes.
 * @param fails requests a response, and returns true if it causes the same failure
 */
export async function minimised(
  response: FuzzResponse,
  fails: (response: FuzzResponse) => Promise<boolean>,
): Promise<FuzzResponse> {
  let trials = 0;
  const still = async (changed: FuzzResponse): Promise<boolean> => ++trials <= MOST_TRIALS && fails(changed);
  let least = response;
  const [status = '', ...headers] = least.head;
  const kept = await shortest(headers, (lines) => still({ ...least, head: [status, ...lines] }));
  least = { ...least, head: [status, ...kept] };
  const whole = { ...least, pieces: [Buffer.concat(least.pieces)] };
  if (await still(whole)) least = whole;
  else
    least = {
      ...least,
      pieces: [...(await shortest(least.pieces, (pieces) => still({ ...least, pieces: [...pieces] })))],
    };
  if (least.pieces.length > 1) return least;
  for (const parts of [byLine, byByte]) {
    const found = await shortest(parts(least.pieces[0]!), (left) =>
      still({ ...least, pieces: [Buffer.concat(left)] }),
    );
    least = { ...least, pieces: [Buffer.concat(found)] };
  }
  return least;
}

const byLine = (bytes: Buffer): Buffer[] =>
  bytes
    .toString('latin1')
    .split(/(?<=\n)/)
    .map((line) => Buffer.from(line, 'latin1'));

const byByte = (bytes: Buffer): Buffer[] => Array.from(bytes, (byte) => Buffer.from([byte]));
