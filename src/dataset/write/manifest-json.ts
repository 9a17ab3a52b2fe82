import { any, list, nullable, object, oneOf, record, string, whole } from '../../document/definition.ts';
import type { FileDigest } from '../containers/bytes.ts';

/** A step that made a data set from another. */
export interface Step {
  /** The verb of `goodput data`. */
  verb: string;
  options: Readonly<Record<string, unknown>>;
  seed: number | null;
  /** The records read and the sessions written. */
  records_in: number;
  records_out: number;
}

/** A file that a data set was made from. */
export type Source = FileDigest & { licence: string | null };

/** Where a data set comes from: written next to it as `<file>.manifest.json`. */
export interface Manifest {
  schemaVersion: number;
  goodput: string;
  output: FileDigest & { format: string; sessions: number };
  sources: readonly Source[];
  /** All steps since the sources, in order. */
  steps: readonly Step[];
  /** The tokenizer.json that counted its texts; `null`: none did. */
  tokenizer: string | null;
}

/** The keys of a file as it was read or written. */
export const FILE_DIGEST = {
  path: string('Path as given; `-` is stdin.'),
  sha256: string('SHA-256 of the file as stored, in hexadecimal digits.'),
  bytes: whole('Size as stored, in bytes.'),
};

export const MANIFEST_VERSION = 1;

/** `<file>.manifest.json`. */
export const MANIFEST = object<Manifest>(
  {
    schemaVersion: oneOf([MANIFEST_VERSION], 'Version of this document.'),
    goodput: string('Version of goodput that wrote it.'),
    output: object<Manifest['output']>(
      {
        ...FILE_DIGEST,
        path: string('Name of the file, next to the manifest.'),
        format: string('Format of its records.'),
        sessions: whole('Number of sessions.'),
      },
      'The data set.',
    ),
    sources: list(
      object<Source>(
        { ...FILE_DIGEST, licence: nullable(string('Licence; `null`: not stated.')) },
        'One source.',
      ),
      'Files that the data set was made from.',
    ),
    steps: list(
      object<Step>(
        {
          verb: string('Verb of `goodput data`.'),
          options: record(any('Value of an option.'), 'Options by name, and what the step found.'),
          seed: nullable(whole('Seed; `null`: nothing was drawn.')),
          records_in: whole('Records read.'),
          records_out: whole('Sessions written.'),
        },
        'One step.',
      ),
      'Steps since the sources, in order.',
    ),
    tokenizer: nullable(string('Path of the tokenizer.json that counted its texts; `null`: none did.')),
  },
  'FILE.manifest.json of goodput: where a data set comes from.',
);
