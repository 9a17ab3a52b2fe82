import { count, significant } from '../../src/numbers.ts';
import { lawOf, type Profile, profileNamed, PROFILES } from '../../src/dataset/profiles/profiles.ts';
import type { LengthQuantiles } from '../../src/dataset/profiles/length-law.ts';
import { table } from '../../test/docs/markdown.ts';

/** Returns the mean and quantiles of lengths, or nothing. */
function figures(lengths: LengthQuantiles | null): string[] {
  if (lengths === null) return ['', '', ''];
  const law = lawOf(lengths);
  return [lengths.mean, law.quantile(0.5), law.quantile(0.99)].map((value) => count(value));
}

const row = ({ name, description, n, input, output, arrivals }: Profile): string[] => [
  `\`${name}\``,
  description,
  count(n),
  ...figures(input),
  ...figures(output),
  arrivals === undefined || arrivals === null ? '' : significant(arrivals.meanRate),
];

/** Returns docs/workload-profiles.md. */
export function workloadProfilesPage(): string {
  const example = profileNamed('azure-2023-conv');
  const sources = PROFILES.map(({ name, source: { repo, commit }, licence, tokenizer }) => [
    `\`${name}\``,
    `[${repo.replace('https://github.com/', '')}](${repo}), commit \`${commit.slice(0, 7)}\``,
    licence,
    tokenizer,
  ]);
  const notes = PROFILES.flatMap(({ name, notes }) => notes.map((note) => `- \`${name}\`: ${note}`));
  return `# Workload profiles

<!-- Generated from src/dataset/profiles/ by \`npm run docs\`. Do not edit. -->

Lengths and arrivals of recorded workloads, by name. A profile has quantiles that were computed from published data, at 19 probabilities or more. Lengths between two
quantiles are interpolated linearly and rounded to whole tokens. An input is the whole request with its history.

\`\`\`
goodput data verify trace.jsonl --profile ${example.name}
\`\`\`

compares a data set with the lengths of ${count(example.n)} requests ([data sets](data.md#verify)).

${table(['profile', 'recorded from', 'requests', 'input mean', 'p50', 'p99', 'output mean', 'p50', 'p99', 'requests/s'], PROFILES.map(row))}

## Sources

${table(['profile', 'source', 'licence', 'tokenizer'], sources)}

## Notes

${notes.join('\n')}
`;
}
