import type { EndpointProfile } from '../probe/endpoint-profile.ts';
import { clean, sentence } from './layout/clean.ts';
import { count, duration, plural, significant } from '../numbers.ts';
import { entry } from './layout/layout.ts';
import { openPage, type Page, type Style } from './layout/style.ts';

/** Number of models that are named; the others are counted. */
const NAMED_MODELS = 3;
/** Longest shown message of a server, in characters. */
const LONGEST_MESSAGE = 120;

/** Returns the result of `goodput probe`, on one screen. */
export function renderEndpointProfile(profile: EndpointProfile, style: Style): string {
  const page = openPage(style);
  const lines = SECTIONS.flatMap(({ label, of }) => {
    const texts = of(profile, page);
    return texts.flatMap((text, at) => entry(at === 0 ? label : '', sentence(text, page.unicode), page));
  });
  return `${lines.join('\n')}\n`;
}

interface Section {
  label: string;
  /** Returns one text per line; without a text the section is omitted. */
  of(profile: EndpointProfile, page: Page): string[];
}

const SECTIONS: readonly Section[] = [
  { label: 'Endpoint', of: endpoint },
  { label: 'Server', of: server },
  { label: 'Models', of: models },
  { label: 'APIs', of: apis },
  { label: 'Connection', of: connection },
  { label: 'Clock', of: clock },
  { label: 'Answer', of: ({ failed }) => (failed === null ? [] : [failedText(failed)]) },
  { label: 'Streaming', of: streaming },
  { label: 'Tokens', of: tokens },
  { label: 'Fields', of: fields },
  { label: 'Cache', of: cache },
  { label: 'Cost', of: cost },
];

function endpoint({ endpoint: { url, api, model, simulated } }: EndpointProfile): string[] {
  return [
    `${url}, ${api} API, model ${clean(model)}${simulated ? ' (the embedded simulated endpoint)' : ''}`,
  ];
}

function server({ server: { name, because, header } }: EndpointProfile): string[] {
  const headerText = header === null ? '' : `, server header ${clean(header)}`;
  return [name === null ? `not recognised${headerText}` : `${name}: ${because.map(clean).join('; ')}`];
}

function models({ models: { ids, context, problem } }: EndpointProfile): string[] {
  if (ids.length === 0) return [`none listed: ${clean(problem ?? 'the list is empty')}`];
  const more = ids.length - NAMED_MODELS;
  const named = ids.slice(0, NAMED_MODELS).map(clean).join(', ');
  const size = context === null ? '' : `; the first has ${count(context)} tokens of context`;
  return [`${named}${more > 0 ? ` and ${count(more)} more` : ''}${size}`];
}

function apis({ apis: found }: EndpointProfile): string[] {
  const supported = Object.entries(found).filter(([, { spoken }]) => spoken === true);
  const others = Object.entries(found).filter(([, { spoken }]) => spoken !== true);
  const names = supported.map(([name]) => name).join(', ');
  return [
    supported.length === 0 ? 'none answered' : names,
    ...others.map(([name, { spoken, status, said }]) => {
      const what = status === null ? '' : `HTTP ${status}`;
      const words = said === null || spoken === false ? '' : cut(said);
      return `${name}: ${spoken === false ? 'no' : 'unknown'} (${[what, words].filter((part) => part !== '').join(': ')})`;
    }),
  ];
}

function connection({ connection: found }: EndpointProfile): string[] {
  const { ip, http, http2, tls, dns_ms, connect_ms, answer_ms, attempts } = found;
  const version = http === null ? 'no HTTP response' : `HTTP/${http}`;
  const second =
    http2 === null || http === '2' ? '' : http2 ? ' (HTTP/2 is supported too)' : ' (HTTP/2 is not supported)';
  const name = dns_ms === null ? '' : `name resolved in ${duration(dns_ms)}, `;
  const asked = answer_ms === null ? '' : `, bare request answered in ${duration(answer_ms)}`;
  const secured = tls === null ? '' : `, TLS in ${duration(tls.handshake_ms)}`;
  return [
    `${version}${second}, ${tls === null ? 'no TLS' : (tls.version ?? 'TLS')}${ip === null ? '' : `, ${ip}`}`,
    ...(tls === null ? [] : [certificate(tls)]),
    `${name}round trip ${duration(connect_ms)} (TCP)${secured}${asked}; best of ${attempts}`,
  ];
}

function certificate({
  cipher,
  subject,
  issuer,
  valid_to,
}: NonNullable<EndpointProfile['connection']['tls']>): string {
  const by = issuer === null ? '' : ` by ${clean(issuer)}`;
  const until = valid_to === null ? '' : `, until ${clean(valid_to)}`;
  return `${cipher}; certificate of ${clean(subject ?? 'no name')}${by}${until}`;
}

function clock({ clock: offset }: EndpointProfile): string[] {
  if (offset === null) return ['unknown: no date header'];
  const { low_ms, high_ms, headers } = offset;
  const side = (ms: number): string => `${duration(Math.abs(ms))} ${ms < 0 ? 'behind' : 'ahead'}`;
  const here = low_ms <= 0 && high_ms >= 0 ? 'correct within the measurement: ' : '';
  return [
    `${here}between ${side(low_ms)} and ${side(high_ms)} of this machine's clock (${plural(headers, 'date header')}, whole seconds)`,
  ];
}

function failedText({ outcome, status, message }: NonNullable<EndpointProfile['failed']>): string {
  const what = status === null ? '' : `, HTTP ${status}`;
  return `${outcome.replaceAll('_', ' ')}${what}: ${cut(message)}`;
}

function streaming({ streaming: found }: EndpointProfile): string[] {
  if (found === null) return [];
  const { verdict, events, arrivals, first_ms, span_ms } = found;
  const how = `${plural(events, 'event')} at ${plural(arrivals, 'instant')}: the first after ${duration(first_ms)}, the rest within ${duration(span_ms)}`;
  const verdicts: Record<typeof verdict, string> = {
    streams: 'streams',
    bursts: 'in bursts, as behind a proxy that buffers events',
    once: 'does not stream: all events arrive at once',
    unknown: 'unknown: the answer was too short',
  };
  return [`${verdicts[verdict]}; ${how}`];
}

function tokens({ tokens: found }: EndpointProfile): string[] {
  if (found === null) return [];
  const { output, choices, from, mean, most, exact } = found;
  if (mean === null) return ['the server reports no counts: only events can be counted'];
  const each = exact
    ? `${significant(mean)} per event, at most ${most}, reported for every event`
    : `${significant(mean)} per event on average`;
  const several = choices === 1 ? '' : ` in ${choices} choices ("index" values)`;
  return [`${each}; ${output} in this answer${several}, counted by ${from.replaceAll('_', ' ')}`];
}

function limitText(limit: string | null, effect: EndpointProfile['limit_effect']): string[] {
  if (effect === null)
    return limit === null ? [] : [`${limit}: not refused, effect unknown (no tokens are counted)`];
  const { name, state, asked, came, obeyed } = effect;
  const over = `${plural(came, 'token')} came where ${count(asked)} ${asked === 1 ? 'was' : 'were'} the limit`;
  const texts: Record<typeof state, string> = {
    obeyed: `obeyed: ${name} (limit of output tokens)`,
    partly: `not always obeyed: ${name} (limit of output tokens: ${over}; a limit of ${obeyed} was obeyed)`,
    ignored: `not obeyed: ${name} (limit of output tokens: ${over})`,
    unknown: `not refused, effect unknown: ${name} (limit of output tokens: answers were shorter, at most ${count(came)} of ${count(asked)})`,
  };
  return [texts[state]];
}

function fields({ options, limit, limit_effect, refused }: EndpointProfile): string[] {
  const states = Object.entries(options);
  if (states.length === 0 && limit_effect === null) return [];
  const of = (state: string): string[] =>
    states.filter(([, option]) => option.state === state).map(([name]) => name);
  const lists: [string, string[]][] = [
    ['works', of('works')],
    ['not refused, effect unknown', of('taken')],
    ['ignored', of('ignored')],
    ['not needed', of('not needed')],
    ['set by you', of('yours')],
  ];
  const parts = lists
    .filter(([, names]) => names.length > 0)
    .map(([state, names]) => `${state}: ${names.join(', ')}`);
  return [
    ...limitText(limit, limit_effect),
    ...parts,
    ...Object.entries(refused).map(([name, said]) => `refused: ${name} (${cut(said)})`),
  ];
}

function cache({ prefix_cache: found, streaming: streamed }: EndpointProfile): string[] {
  if (found === null) return streamed === null ? [] : ['unknown: long prompts were not answered'];
  const { words, first_ms, again_ms, cached_tokens, faster } = found;
  const reported =
    cached_tokens === null
      ? 'usage reports no cached tokens'
      : `usage reports ${plural(cached_tokens, 'cached token')}`;
  const times = `first token after ${duration(median(again_ms))} instead of ${duration(median(first_ms))}`;
  const verdict = faster
    ? 'a repeated prompt is answered sooner'
    : 'a repeated prompt is not clearly answered sooner';
  return [`${verdict}: ${times} (medians of ${first_ms.length}, ${count(words)} words); ${reported}`];
}

function cost({ cost: { requests, input_tokens, output_tokens, took_s } }: EndpointProfile): string[] {
  const tokens =
    input_tokens === null && output_tokens === null
      ? 'tokens not counted by the server'
      : `${count(input_tokens ?? 0)} input tokens, ${count(output_tokens ?? 0)} output tokens, as counted by the server`;
  return [`${plural(requests, 'request')} to a model in ${significant(took_s)} s: ${tokens}`];
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length / 2) - 1]!;
}

function cut(text: string): string {
  const words = clean(text);
  return words.length > LONGEST_MESSAGE ? `${words.slice(0, LONGEST_MESSAGE)}…` : words;
}
