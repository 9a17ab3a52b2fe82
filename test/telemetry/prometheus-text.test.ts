import { expect, test } from 'vitest';
import { exposition } from '../../src/exposition.ts';
import { PageReader } from '../../src/telemetry/prometheus-text.ts';

const parsePage = (text: string) => new PageReader().read(text);

test('series keep their text: labels in their order, and their escapes', () => {
  const series = String.raw`path{file="C:\\DIR\\\"a\"}{,\n",code="2"}`;
  expect(parsePage(`# HELP path x\n# TYPE path counter\n${series} 1.5e3\n`)).toEqual({ [series]: 1500 });
});

test('a page that goodput writes is read back', () => {
  const labels = { a: 'x"\\\n,}', b: 'y' };
  const page = exposition([{ name: 'n', help: 'h', type: 'gauge', series: [{ labels, value: -0.25 }] }]);
  expect(Object.values(parsePage(page))).toEqual([-0.25]);
  expect(page).toContain(`${Object.keys(parsePage(page))[0]} -0.25`);
});

test('OpenMetrics: exemplars, timestamps and the end mark are dropped', () => {
  const page = [
    '# TYPE h histogram',
    'h_bucket{engine="0",le="0.1"} 3 # {trace_id="x"} 0.05 1.5',
    'h_bucket{engine="0",le="+Inf"} 4 1700000000.5',
    'h_sum{engine="0"} 1.5 # {} 1',
    'h_count{engine="1"} 7',
    '# EOF',
  ].join('\n');
  expect(parsePage(page)).toEqual({
    'h_bucket{engine="0",le="0.1"}': 3,
    'h_bucket{engine="0",le="+Inf"}': 4,
    'h_sum{engine="0"}': 1.5,
    'h_count{engine="1"}': 7,
  });
});

test('values that are not finite are dropped', () => {
  expect(parsePage('a NaN\nb +Inf\nc -Inf\nd 0\ne .5\r\n')).toEqual({ d: 0, e: 0.5 });
});

test.each(['<html>', '{"error": 1}', 'Not Found', 'a', 'a{b="c" 1', 'a{b=c} 1', 'a one', 'a{b="c"}'])(
  'a page with the line %s is not Prometheus',
  (line) => expect(() => parsePage(`a 1\n${line}\n`)).toThrow(line.slice(0, 20)),
);

test('a page after others is read like the first', () => {
  const reader = new PageReader();
  const pages = [
    'a{b="c"} 1\nd 2\n',
    'a{b="c"} 3 1700000000\nd 4 # {x="y"} 0.5\n',
    'a{b="c"} 5\nd NaN\ne{f="g h"} 6\n',
  ];
  for (const page of pages) expect(reader.read(page)).toEqual(parsePage(page));
  expect(reader.read('d 8\ne{f="g h"} -7.5e1\n')).toEqual({ d: 8, 'e{f="g h"}': -75 });
});
