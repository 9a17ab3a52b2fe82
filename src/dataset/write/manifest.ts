import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { GoodputError } from '../../errors.ts';
import { reasonOf } from '../../system-errors.ts';
import { VERSION } from '../../version.ts';
import { readDocument } from '../../document/read.ts';
import type { FileDigest } from '../containers/bytes.ts';
import { type Manifest, MANIFEST, MANIFEST_VERSION, type Source, type Step } from './manifest-json.ts';

/** Facts about an output that the user states. */
export interface ManifestFacts {
  /** The licence of sources that have none. */
  licence: string | null;
  /** The tokenizer that counted its texts. */
  tokenizer: string | null;
}

export const manifestPath = (path: string): string => `${path}.manifest.json`;

/**
 * Writes the manifest of an output. A source that has a manifest itself is replaced by its own sources and steps.
 * @throws {GoodputError} kind `io` if the file cannot be written
 */
export async function writeManifest(
  output: Manifest['output'],
  files: readonly FileDigest[],
  step: Step,
  { licence, tokenizer }: ManifestFacts,
): Promise<Manifest> {
  const sources: Source[] = [];
  const steps: Step[] = [];
  let earlierTokenizer: string | null = null;
  for (const file of files) {
    const earlier = await manifestOf(file);
    earlierTokenizer ??= earlier?.tokenizer ?? null;
    sources.push(
      ...(earlier?.sources ?? [{ ...file, licence }]).map((source) => withLicence(source, licence)),
    );
    steps.push(...(earlier?.steps ?? []));
  }
  const manifest: Manifest = {
    schemaVersion: MANIFEST_VERSION,
    goodput: VERSION,
    output: { ...output, path: basename(output.path) },
    sources,
    steps: [...steps, step],
    tokenizer: tokenizer ?? earlierTokenizer,
  };
  const path = manifestPath(output.path);
  try {
    await writeFile(path, `${JSON.stringify(manifest, null, 2)}\n`);
  } catch (error) {
    throw new GoodputError('io', `cannot write ${path}: ${reasonOf(error, 'write')}`, { cause: error });
  }
  return manifest;
}

const withLicence = (source: Source, licence: string | null): Source => ({
  ...source,
  licence: source.licence ?? licence,
});

/**
 * Returns the sources of files with their licences, by their manifests.
 * @param licence that of the sources that have none
 */
export async function licencesOf(
  files: readonly FileDigest[],
  licence: string | null,
): Promise<{ path: string; licence: string | null }[]> {
  const sources = await Promise.all(
    files.map(async (file) => (await manifestOf(file))?.sources ?? [{ ...file, licence: null }]),
  );
  return sources.flat().map((source) => ({ path: source.path, licence: source.licence ?? licence }));
}

/**
 * Returns the manifest of a file if it is about its present content; `null` otherwise.
 * @throws {GoodputError} kind `usage` if there is one that cannot be read
 */
export async function manifestOf({ path, sha256 }: FileDigest): Promise<Manifest | null> {
  const manifest = await readDocument(
    manifestPath(path),
    MANIFEST,
    'It has the licence and the steps of the data set. Restore it, or delete it to go on without them.',
  );
  return manifest?.output.sha256 === sha256 ? manifest : null;
}
