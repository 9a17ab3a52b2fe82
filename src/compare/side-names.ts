import type { ComparedSide } from './comparison-document.ts';

type Described = Pick<ComparedSide, 'name' | 'url' | 'model' | 'simulated'> & {
  runs: readonly { dir: string }[];
};

/** Names of the two endpoints of `--against` in their folder. */
const UNNAMED = ['base', 'new'];

/**
 * Returns names that distinguish two sides: those of the scenario's endpoints; of two single folders the folders' names; else host and
 * port, URL, model or folder, the first of these in which the sides differ; else `base` and `new`.
 */
export function sideNames(base: Described, next: Described): [base: string, next: string] {
  const sides = [base, next];
  const isNamed = sides.every(({ name }) => name !== undefined);
  if (isNamed && sides.some(({ name }, k) => name !== UNNAMED[k])) return [base.name!, next.name!];
  const stems = sides.some(({ runs }) => runs.length === 1) ? [] : [sides.map(stemOf)];
  const folders = isNamed ? [] : [...stems, foldersOf(base, next)];
  const isSinglePair = sides.every(({ runs }) => runs.length === 1);
  // The embedded endpoint has another port in each run.
  const urls = sides.some(({ simulated }) => simulated)
    ? []
    : [sides.map(hostOf), sides.map(({ url }) => url)];
  const servers = [...urls, sides.map(({ model }) => model)];
  for (const [one, other] of isSinglePair ? [...folders, ...servers] : [...servers, ...folders])
    if (one != null && other != null && one !== other) return [one, other];
  return ['base', 'new'];
}

function hostOf({ url }: Described): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

/** `before` of `before-1` and `before-2`: the common start of the names of a side's folders; `null` if there is none. */
function stemOf({ runs }: Described): string | null {
  const [first = '', ...others] = runs.map(({ dir }) => dir.split('/').findLast((part) => part !== '') ?? '');
  let length = first.length;
  for (const name of others) while (!name.startsWith(first.slice(0, length))) length--;
  return first.slice(0, length).replace(/[-_.]*\d*$/, '') || null;
}

const more = ({ runs }: Described): string => (runs.length === 1 ? '' : ` + ${runs.length - 1} more`);

/** Returns the last parts of both paths, as many as distinguish them. */
function foldersOf(base: Described, next: Described): [string, string] {
  const paths = [base, next].map(({ runs }) => runs[0]!.dir.split('/').filter((part) => part !== ''));
  const tail = (path: readonly string[], parts: number): string => path.slice(-parts).join('/');
  const [one, other] = paths as [string[], string[]];
  let parts = 1;
  while (tail(one, parts) === tail(other, parts) && parts < Math.max(one.length, other.length)) parts++;
  return [tail(one, parts) + more(base), tail(other, parts) + more(next)];
}
