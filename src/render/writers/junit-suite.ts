import { decimal } from '../../numbers.ts';
import { xmlText } from './markup.ts';

type Kind = 'failure' | 'error';

export interface Case {
  name: string;
  /** The problem of a case that does not pass; `error` means that nothing was decided. */
  problem: { kind: Kind; message: string } | null;
  /** Output of a case that passes. */
  output: string;
}

export interface Suite {
  name: string;
  cases: readonly Case[];
  /** Further facts; those without a value are omitted. */
  properties: readonly (readonly [name: string, value: string | number | null])[];
  /** ISO 8601. */
  started: string | null;
  seconds: number | null;
}

/** Returns JUnit XML, as CI servers read it. */
export const junitDocument = (suites: readonly Suite[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="goodput">\n${suites.map(written).join('')}</testsuites>\n`;

function written({ name: given, cases, properties, started, seconds }: Suite): string {
  const countOf = (kind: Kind): number => cases.filter(({ problem }) => problem?.kind === kind).length;
  const name = xmlText(given);
  const attributes = [
    `name="${name}"`,
    `tests="${cases.length}"`,
    `failures="${countOf('failure')}"`,
    `errors="${countOf('error')}"`,
    'skipped="0"',
    ...(started === null ? [] : [`timestamp="${xmlText(started.replace(/(\.\d+)?Z$/, ''))}"`]),
    ...(seconds === null ? [] : [`time="${decimal(seconds, 3)}"`]),
  ];
  const body = cases.map((each) => testCase(each, `goodput.${name}`)).join('');
  return `  <testsuite ${attributes.join(' ')}>\n${propertiesText(properties)}${body}  </testsuite>\n`;
}

function testCase({ name, problem, output }: Case, classname: string): string {
  const open = `    <testcase name="${xmlText(name)}" classname="${classname}" time="0"`;
  if (problem !== null) {
    const text = xmlText(problem.message);
    return `${open}>\n      <${problem.kind} message="${text}">${text}</${problem.kind}>\n    </testcase>\n`;
  }
  return output === ''
    ? `${open}/>\n`
    : `${open}>\n      <system-out>${xmlText(output)}</system-out>\n    </testcase>\n`;
}

function propertiesText(properties: Suite['properties']): string {
  const lines = properties.flatMap(([name, value]) =>
    value === null ? [] : [`      <property name="${xmlText(name)}" value="${xmlText(String(value))}"/>\n`],
  );
  return `    <properties>\n${lines.join('')}    </properties>\n`;
}
