import {
  boolean,
  list,
  nullable,
  number,
  object,
  oneOf,
  optional,
  record,
  string,
  whole,
} from '../document/definition.ts';
import type { SynthDocument } from '../synth/synth-document.ts';

/** The options are those of one way to make sessions; the figures of questions are there if an endpoint was asked. */
export const DATA_SYNTH = object<SynthDocument>(
  {
    sessions: whole('Sessions written.'),
    seed: optional(whole('Seed of all draws; absent if an endpoint was asked.')),
    profile: optional(string('Name of the profile.')),
    text: optional(boolean('Sessions of the profile have texts.')),
    arrivals: optional(
      nullable(
        object<NonNullable<SynthDocument['arrivals']>>(
          {
            process: oneOf(['gamma'], 'Arrival process.'),
            rate: number('Sessions per second.'),
            shape: number('Shape of the gaps; 1 is Poisson.'),
          },
          'Starts of the sessions of the profile; `null`: its source has no times.',
        ),
      ),
    ),
    template: optional(string('Path of the template.')),
    fields: optional(string('Path of its fields.')),
    perturb: optional(number('Share of the words that were replaced, 0 to 1.')),
    'long-context': optional(whole('Length of a prompt, in `unit`.')),
    depth: optional(list(number('A depth.'), 'Depths of the fact, in percent.')),
    unit: optional(oneOf(['tokens', 'words'], 'Unit of `long-context`.')),
    paraphrase: optional(whole('Paraphrases of each session.')),
    'back-translate': optional(string('Language of the translation.')),
    instruct: optional(oneOf([true], 'Instructions about each document.')),
    model: optional(string('Model that answered.')),
    questions: optional(whole('Questions.')),
    input_tokens: optional(
      nullable(whole('Input tokens of these, as the server counted them; `null`: not all.')),
    ),
    output_tokens: optional(
      nullable(whole('Output tokens of these, as the server counted them; `null`: not all.')),
    ),
    repeated: optional(whole('Answers that repeat the text or another answer, and were dropped.')),
    problems: optional(record(whole('Records.'), 'Records without a new session, by the reason.')),
  },
  'What goodput data synth --json prints.',
);
