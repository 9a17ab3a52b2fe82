/** One sample line of Prometheus' text format. */
export interface ExposedSample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

export interface ExposedFamily {
  name: string;
  type: string;
  help: string;
  samples: ExposedSample[];
}

const SUFFIXES: Record<string, readonly string[]> = {
  gauge: [''],
  counter: [''],
  summary: ['', '_sum', '_count'],
  histogram: ['_bucket', '_sum', '_count'],
};
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (-?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?)|NaN|[+-]Inf)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/y;
const UNESCAPED: Record<string, string> = { '\\': '\\', '"': '"', n: '\n' };

/**
 * Reads the text format 0.0.4 as its description has it, and throws at whatever it does not allow: a family in two
 * pieces, a sample without a type, a label that is not escaped, a series twice.
 */
export function readExposition(text: string): Map<string, ExposedFamily> {
  const families = new Map<string, ExposedFamily>();
  const series = new Set<string>();
  let current: ExposedFamily | null = null;
  let help: { name: string; text: string } | null = null;
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  for (const line of text.slice(0, -1).split('\n')) {
    const [, keyword, named = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    // Any other comment is ignored: so the description.
    if (keyword === undefined && line.startsWith('#')) continue;
    if (keyword === 'HELP') help = { name: named, text: rest };
    else if (keyword === 'TYPE') {
      if (families.has(named)) throw new Error(`${named} is in two pieces`);
      if (!(rest in SUFFIXES)) throw new Error(`no type: ${line}`);
      current = { name: named, type: rest, help: help?.name === named ? help.text : '', samples: [] };
      families.set(named, current);
    } else {
      const sample = readSample(line);
      if (
        current === null ||
        !SUFFIXES[current.type]!.some((suffix) => sample.name === current!.name + suffix)
      )
        throw new Error(`not of the family ${current?.name}: ${line}`);
      const labels = Object.entries(sample.labels).map((label) => JSON.stringify(label));
      const key = [sample.name, ...labels.toSorted()].join(' ');
      if (series.has(key)) throw new Error(`twice: ${line}`);
      series.add(key);
      current.samples.push(sample);
    }
  }
  return families;
}

function readSample(line: string): ExposedSample {
  const [, name, inside = '', value] = SAMPLE.exec(line) ?? [];
  if (name === undefined) throw new Error(`no sample: ${line}`);
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < inside.length) {
    const [, label, written] = LABEL.exec(inside) ?? [];
    if (label === undefined) throw new Error(`no label: ${line}`);
    if (label in labels) throw new Error(`label twice: ${line}`);
    labels[label] = written!.replaceAll(/\\(.)/g, (_, sign: string) => UNESCAPED[sign]!);
  }
  return { name, labels, value: Number(value!.replace('Inf', 'Infinity')) };
}
