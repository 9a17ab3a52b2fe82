/** @module-tag timed */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { monotonic_ns } from '../../src/health/monotonic-clock.ts';
import type { Meeting } from '../../src/lifecycle/run-options.ts';
import { FolderMeeting } from '../../src/ranks/meeting/folder-meeting.ts';
import { MeetingGuest } from '../../src/ranks/meeting/meeting-guest.ts';
import { MeetingHost } from '../../src/ranks/meeting/meeting-host.ts';
import type { HostClock, MeetingPlace } from '../../src/ranks/meeting/meeting.ts';
import { openMeeting } from '../../src/ranks/meeting/open-meeting.ts';

const TOKEN = 'secret';
const root = mkdtempSync(join(tmpdir(), 'goodput-meet-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The clocks of a host that differ from those of this one. */
interface Skew {
  monotonic_ms: number;
  wall_ms: number;
  boot: string | null;
}

const HOSTS: readonly Skew[] = [
  { monotonic_ms: 0, wall_ms: 0, boot: 'a' },
  { monotonic_ms: 86_400_000, wall_ms: 2500, boot: 'b' },
  { monotonic_ms: -7_654_321, wall_ms: -40_000, boot: 'c' },
];
const ONE_HOST: readonly Skew[] = HOSTS.map(() => HOSTS[0]!);

const clockOf = ({ monotonic_ms, wall_ms, boot }: Skew): HostClock => ({
  monotonic_ns: () => monotonic_ns() + BigInt(monotonic_ms * 1e6),
  epoch_ms: () => Date.now() + wall_ms,
  boot,
});

const places: MeetingPlace[] = [];
afterEach(async () => {
  await Promise.all(places.map((place) => place.close()));
  places.length = 0;
});

const opened = <P extends MeetingPlace>(place: P): P => {
  places.push(place);
  return place;
};

let folders = 0;
const optionsOf = (index: number, { of = 3, timeout = 20_000, host = HOSTS[index] ?? HOSTS[0]! } = {}) => ({
  rank: { index, of },
  timeout,
  clock: clockOf(host),
});

interface Given {
  hosts?: readonly Skew[];
  timeout?: number;
}

async function byHttp({ hosts = HOSTS, timeout = 20_000 }: Given = {}): Promise<MeetingPlace[]> {
  const host = opened(
    await MeetingHost.open(new URL('http://127.0.0.1:0'), TOKEN, optionsOf(0, { host: hosts[0]!, timeout })),
  );
  const url = new URL(`http://127.0.0.1:${host.port}`);
  const guests = [1, 2].map((index) =>
    opened(new MeetingGuest(url, TOKEN, optionsOf(index, { host: hosts[index]!, timeout }))),
  );
  return [host, ...guests];
}

async function inFolder({ hosts = HOSTS, timeout = 20_000 }: Given = {}): Promise<MeetingPlace[]> {
  const dir = join(root, String(++folders));
  return Promise.all(
    [0, 1, 2].map(async (index) =>
      opened(await FolderMeeting.open(dir, optionsOf(index, { host: hosts[index]!, timeout }))),
    ),
  );
}

const PARTS = { seed: 's', load: 'l' };
const arrival = (index: number, parts: Record<string, string> = PARTS) => ({ id: `run-${index}`, parts });
const meetAll = (all: readonly MeetingPlace[]): Promise<Meeting[]> =>
  Promise.all(all.map((place, index) => place.meet(arrival(index))));

/** The messages of the ranks that did not start. */
async function refusals(meetings: readonly Promise<Meeting>[]): Promise<string[]> {
  const settled = await Promise.allSettled(meetings);
  return settled.map((each) => {
    if (each.status === 'fulfilled') return 'started';
    expect(each.reason).toMatchObject({ exitCode: 1 });
    return (each.reason as Error).message;
  });
}

describe.each([
  ['over HTTP', byHttp],
  ['in a folder', inFolder],
] as const)('a meeting %s', (_, open) => {
  it('starts all ranks of a host at the same instant of its clock', async () => {
    const before_ns = monotonic_ns();
    const met = await meetAll(await open({ hosts: ONE_HOST }));
    expect(met.map(({ origin_ns }) => origin_ns)).toEqual(met.map(() => met[0]!.origin_ns));
    expect(met[0]!.origin_ns).toBeGreaterThan(before_ns);
    expect(met.map(({ start }) => [start.by, start.error_ms])).toEqual(met.map(() => ['host', 0]));
  });

  it('starts ranks of hosts with other clocks within the bound that it reports', async () => {
    const met = await meetAll(await open());
    const instants_ms = met.map(
      ({ origin_ns }, index) => Number(origin_ns) / 1e6 - HOSTS[index]!.monotonic_ms,
    );
    for (const [index, { start }] of met.entries()) {
      // Numbers of milliseconds since the start of the machine are exact to less than a microsecond; `Date.now()` has whole milliseconds.
      const slack = start.by === 'folder' ? 2 : 0.001;
      expect(Math.abs(instants_ms[index]! - instants_ms[0]!)).toBeLessThanOrEqual(start.error_ms + slack);
      if (index > 0)
        expect(Math.abs(start.offset_ms! - (HOSTS[index]!.wall_ms - HOSTS[0]!.wall_ms))).toBeLessThanOrEqual(
          start.error_ms + 2,
        );
    }
    expect(met.slice(1).map(({ start }) => start.by)).not.toContain('host');
  });

  it('starts nobody if a rank does not arrive; all name it', async () => {
    const [host, one] = await open({ timeout: 700 });
    const said = await refusals([host!.meet(arrival(0)), one!.meet(arrival(1))]);
    for (const text of said) expect(text).toMatch(/rank 2 of 3 did not arrive within 700ms/);
  });

  it('starts nobody if rank 0 does not arrive; all name it', async () => {
    const [, one, two] = await open({ timeout: 700 });
    const said = await refusals([one!.meet(arrival(1)), two!.meet(arrival(2))]);
    expect(said).not.toContain('started');
    expect(said.join()).toMatch(/rank 0 of 3 did not arrive/);
  });

  it('starts nobody if a rank leaves; all know why', async () => {
    const [host, one, two] = await open();
    const meetings = refusals([host!.meet(arrival(0)), one!.meet(arrival(1))]);
    await sleep(100);
    await two!.leave('the key was rejected');
    for (const text of await meetings) expect(text).toMatch(/rank 2 of 3 left .*the key was rejected/);
  });

  it('starts nobody if a rank has another plan; all know what differs', async () => {
    const [host, one, two] = await open();
    const said = await refusals([
      host!.meet(arrival(0)),
      one!.meet(arrival(1)),
      two!.meet(arrival(2, { seed: 'other', load: 'l' })),
    ]);
    for (const text of said) expect(text).toMatch(/another plan: seed/);
  });

  it('does not leave after the start', async () => {
    const all = await open({ hosts: ONE_HOST });
    await meetAll(all);
    await Promise.all(all.map((place) => place.leave('its run ended')));
    expect(await Promise.all(all.map((place) => place.close()))).toHaveLength(3);
    places.length = 0;
  });
});

describe('a folder', () => {
  it('has no files of a meeting that is over, so that it can be used again', async () => {
    const all = await inFolder({ hosts: ONE_HOST });
    const dir = join(root, String(folders));
    await meetAll(all);
    await Promise.all(all.map((place) => place.close()));
    expect(readdirSync(dir)).toEqual([]);
  });

  it('refuses the same rank twice; the first one starts', async () => {
    const all = await inFolder({ hosts: ONE_HOST });
    const twin = opened(
      await FolderMeeting.open(join(root, String(folders)), optionsOf(1, { host: HOSTS[0]! })),
    );
    const meetings = meetAll([all[0]!, all[1]!]);
    while (!existsSync(join(root, String(folders), 'ready-1'))) await sleep(5);
    const [said] = await refusals([twin.meet({ ...arrival(1), id: 'twin' })]);
    expect(said).toMatch(/another process is rank 1 of 3/);
    await twin.close();
    expect(existsSync(join(root, String(folders), 'ready-1'))).toBe(true);
    expect(await all[2]!.meet(arrival(2))).toHaveProperty('origin_ns');
    await meetings;
  });

  it('is not fooled by the start of an earlier run', async () => {
    const [host] = await inFolder({ hosts: ONE_HOST });
    const at = {
      epoch_ms: Date.now() + 60_000,
      monotonic_ns: String(monotonic_ns() + 60_000_000_000n),
      boot: 'a',
    };
    const stale = { ids: ['x', 'y', 'z'], start: { at, written: at } };
    const path = join(root, String(folders), 'start.json');
    writeFileSync(path, JSON.stringify(stale));
    const [said] = await refusals([host!.meet(arrival(0))]);
    expect(said).toContain(path);
    rmSync(path);
  });
});

describe('a damaged file of a meeting', () => {
  const instant = { epoch_ms: Date.now(), monotonic_ns: '5', boot: 'a' };
  const ready = { ...arrival(1), of: 3, at: instant };
  const start = { at: instant, written: instant };
  const instead = (value: unknown) => JSON.stringify({ ...ready, at: { ...instant, ...(value as object) } });

  it.each([
    ['ready-1', '{"of":3}', '"id" is missing'],
    ['ready-1', 'null', 'null'],
    ['ready-1', JSON.stringify({ ...ready, parts: 'all' }), '"parts" is a string'],
    ['ready-1', instead({ monotonic_ns: '5.5' }), '"at.monotonic_ns"'],
    ['ready-1', instead({ monotonic_ns: 5 }), '"at.monotonic_ns" is a number'],
    ['ready-1', instead({ epoch_ms: 7 }).replace(':7', ':1e999'), '"at.epoch_ms" is Infinity'],
    ['ready-1', `{"__proto__":${JSON.stringify(ready)}}`, '"id" is missing'],
    ['start.json', '[]', 'a list'],
    ['start.json', JSON.stringify({ ids: ['a'], start: { at: instant } }), '"start.written" is missing'],
    ['start.json', JSON.stringify({ ids: 'a', start }), '"ids" is a string'],
    ['start.json', JSON.stringify({ refused: 7 }), '"refused" is a number'],
    // Possibly still being written, until the time is over.
    ['start.json', '', 'JSON'],
    ['start.json', '{"ids":["a', 'JSON'],
    ['ready-1', '{"of":3,"id":"r', 'JSON'],
  ])('%s: %s is an error that names it', async (name, text, problem) => {
    const dir = join(root, String(++folders));
    const place = await FolderMeeting.open(dir, optionsOf(0, { timeout: 100 }));
    writeFileSync(join(dir, name), text);
    const [said] = await refusals([place.meet(arrival(0))]);
    expect(said).toContain(join(dir, name));
    expect(said).toContain(problem);
  });
});

describe('another server at the address of rank 0', () => {
  it.each([
    ['{"kind":"go"}', '"kind" is "go"'],
    ['{"kind":"start","origin_ns":5,"boot":null}', '"origin_ns" is a number'],
    ['{"kind":"start","origin_ns":"x","boot":null}', '"origin_ns" is "x"'],
    ['{"kind":"waiting","missing":[1e999]}', '"missing[0]" is Infinity'],
    ['{"kind":"refused"}', '"why" is missing'],
    ['[]', '"kind" is missing'],
  ])('that answers %s is an error of the rank that asks', async (answer, problem) => {
    const server = createServer((asked, response) => {
      const stamp = String(monotonic_ns());
      const clock = JSON.stringify({ received_ns: stamp, sent_ns: stamp, epoch_ms: Date.now() });
      asked.resume();
      response.end(asked.url === '/clock' ? clock : answer);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const guest = opened(new MeetingGuest(new URL(`http://127.0.0.1:${port}`), TOKEN, optionsOf(1)));
    const [said] = await refusals([guest.meet(arrival(1))]);
    server.close();
    expect(said).toContain(`127.0.0.1:${port}`);
    expect(said).toContain(problem);
  });
});

describe('the port of rank 0', () => {
  const post = (port: number, path: string, body: string, headers: Record<string, string> = {}) =>
    new Promise<number>((resolve, reject) => {
      const sent = request({ port, host: '127.0.0.1', path, method: 'POST', headers }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      sent.on('error', (error) => (/EPIPE|ECONNRESET/.test(String(error)) ? resolve(0) : reject(error)));
      sent.end(body);
    });
  const allowed = { authorization: `Bearer ${TOKEN}` };
  const said = (changes: object) => JSON.stringify({ rank: 1, of: 3, ...arrival(1), trip_ms: 0, ...changes });

  it('refuses strangers and nonsense, and starts all the same', async () => {
    const [host, one, two] = await byHttp({ hosts: ONE_HOST });
    const { port } = host as MeetingHost;
    const first = host!.meet(arrival(0));
    expect(await post(port, '/attend', said({}))).toBe(401);
    expect(await post(port, '/leave', said({ reason: 'x' }), { authorization: 'Bearer wrong' })).toBe(401);
    expect(await post(port, '/attend', '{"rank":', allowed)).toBe(400);
    expect(await post(port, '/attend', said({ rank: '1' }), allowed)).toBe(400);
    expect(await post(port, '/attend', said({ rank: 1.5 }), allowed)).toBe(400);
    expect(await post(port, '/attend', 'null', allowed)).toBe(400);
    expect(await post(port, '/elsewhere', said({}), allowed)).toBe(404);
    expect(await post(port, '/attend', said({ rank: 0 }), allowed)).toBe(409);
    expect(await post(port, '/attend', said({ rank: 3 }), allowed)).toBe(409);
    expect([0, 413]).toContain(await post(port, '/attend', said({ id: 'x'.repeat(100_000) }), allowed));
    const chunked = { ...allowed, 'transfer-encoding': 'chunked' };
    expect([0, 413]).toContain(await post(port, '/attend', 'x'.repeat(1_000_000), chunked));
    expect(await post(port, '/attend', said({ wait_ms: 0 }), allowed)).toBe(200);
    expect(await post(port, '/attend', said({ id: 'twin' }), allowed)).toBe(409);
    const meetings = [first, one!.meet(arrival(1))];
    expect(await Promise.all([...meetings, two!.meet(arrival(2))])).toHaveLength(3);
  });

  it('refuses a rank with another token as a mistake of its user', async () => {
    const [host] = await byHttp({ hosts: ONE_HOST });
    const url = new URL(`http://127.0.0.1:${(host as MeetingHost).port}`);
    const guest = opened(new MeetingGuest(url, 'other', optionsOf(1)));
    await expect(guest.meet(arrival(1))).rejects.toMatchObject({
      exitCode: 104,
      message: expect.stringMatching(/refused rank 1/) as string,
      hint: expect.stringContaining('GOODPUT_MEET_TOKEN') as string,
    });
  });
});

describe('openMeeting', () => {
  const env = { GOODPUT_MEET_TOKEN: TOKEN };
  it.each([
    ['http://rank-0', env, /--meet.*port|http:\/\/rank-0:7070/],
    ['https://rank-0:7070', env, /--meet/],
    ['http://rank-0:99999', env, /--meet/],
    ['http://127.0.0.1:7070', {}, /GOODPUT_MEET_TOKEN is not set/],
  ])('refuses %s with %j', async (place, given, message) => {
    await expect(openMeeting(place, optionsOf(1), given)).rejects.toMatchObject({
      exitCode: 104,
      message: expect.stringMatching(message) as string,
    });
  });
});
