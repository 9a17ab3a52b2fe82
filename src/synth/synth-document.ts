import type { ArrivalLaw } from './profile-sessions.ts';

/** The options of `goodput data synth` by name, in its document and in the manifest. */
export interface SynthOptions {
  profile?: string;
  /** True if sessions of a profile have texts. */
  text?: boolean;
  /** The arrival process of a profile; `null`: its source has no times. */
  arrivals?: ({ process: 'gamma' } & ArrivalLaw) | null;
  /** The files of a template and its fields. */
  template?: string;
  fields?: string;
  /** Share of the words that were replaced. */
  perturb?: number;
  'long-context'?: number;
  /** Depths in percent. */
  depth?: readonly number[];
  /** The unit of `long-context`. */
  unit?: 'tokens' | 'words';
  paraphrase?: number;
  'back-translate'?: string;
  instruct?: true;
  /** The model that answered. */
  model?: string;
}

/** The document that `goodput data synth --json` prints (docs/data.md). */
export interface SynthDocument extends SynthOptions {
  /** The sessions written. */
  sessions: number;
  /** Absent if an endpoint was asked. */
  seed?: number;
  /** Tokens of the questions by the server's count; `null`: it did not count all. */
  questions?: number;
  input_tokens?: number | null;
  output_tokens?: number | null;
  /** Answers that were dropped, because they repeat the text or another answer. */
  repeated?: number;
  /** Records without a new session, by the reason. */
  problems?: Readonly<Record<string, number>>;
}
