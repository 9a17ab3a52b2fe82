import { readFileSync } from 'node:fs';
import { type Provider, PROVIDERS } from '../../src/scenario/keys/providers.ts';
import { fill, table } from '../../test/docs/markdown.ts';

/** Returns docs/endpoints.md: its text is a page of its own, the servers come from `providers.ts`. */
export function endpointsPage(): string {
  const template = readFileSync(new URL('pages/endpoints.md', import.meta.url), 'utf8');
  const of = (kind: Provider['kind']): Provider[] => PROVIDERS.filter((provider) => provider.kind === kind);
  return fill(template, {
    hosted: table(
      ['`--provider`', 'service', 'base URL', 'key variable', 'APIs', 'source'],
      of('hosted').map(where),
    ),
    'self-hosted': table(
      ['`--provider`', 'server', 'base URL', 'key variable', 'APIs', 'source'],
      of('self-hosted').map(where),
    ),
    streams: table(
      ['server', 'tokens counted by', 'reasoning', 'cached', 'note', 'source'],
      PROVIDERS.map(({ label, stream }) => [
        label,
        stream.tokens,
        stream.reasoning,
        stream.cached,
        stream.note,
        stream.source,
      ]),
    ),
    examples: PROVIDERS.map(exampleOf).join('\n'),
  });
}

function where({ name, label, url, form, keys, keyHeader, apis }: Provider): string[] {
  const header = keyHeader === undefined ? '' : `, as \`${keyHeader}\``;
  const key = keys.value.map((variable) => `\`${variable}\``).join(', else ');
  const sources = keys.value.length === 0 ? url.source : `${url.source}; ${keys.source}`;
  const known = new Set(sources.split('; '));
  return [
    `\`${name}\``,
    label,
    url.value ?? `${form}: set it with \`--url\``,
    key === '' ? 'none' : key + header,
    apis.join(', '),
    [...known].join('; '),
  ];
}

function exampleOf({ name, url, form, model }: Provider): string {
  return [
    `goodput run --provider ${name}`,
    ...(url.value === null ? [`--url ${form}`] : []),
    ...(model === null ? [] : [`--model ${model}`]),
    '--rate 2/s --duration 60s --input-tokens 512 --output-tokens 128',
  ].join(' ');
}
