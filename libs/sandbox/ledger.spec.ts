import { readFileSync } from 'node:fs';
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseInstant, type Instant } from '@wapas/kernel';
import { Ledger, type LedgerDraft } from './ledger';
import { Bench, get, post, sendWhatsApp } from './spec-kit';

describe('the ledger', () => {
  const bench = new Bench();
  let directory: string;
  let ledgerFile: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'wapas-sandbox-'));
    ledgerFile = join(directory, 'deep', 'ledger.jsonl');
  });
  afterEach(async () => {
    await bench.close();
    await rm(directory, { recursive: true });
  });

  const lines = async (): Promise<{ seq: number; reference?: string }[]> =>
    (await readFile(ledgerFile, 'utf8'))
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { seq: number });

  it('an accepted message is in the ledger file before its answer', async () => {
    const sandbox = await bench.sandbox({ ledgerFile });
    for (let n = 1; n <= 5; n += 1) {
      await sendWhatsApp(sandbox, { biz_opaque_callback_data: `att-${n}` });
      expect(readFileSync(ledgerFile, 'utf8').split('\n').at(-2)).toContain(`"att-${n}"`);
    }
  });

  it('nobody sees an entry before it is durable', async () => {
    let finish = (): void => undefined;
    const disk = { write: () => new Promise<void>((resolve) => (finish = resolve)), close: () => Promise.resolve() };
    const ledger = new Ledger(disk, 10, { kept: () => undefined, forgotten: () => undefined });
    const appended = ledger.append([draft], { at: 1 });
    expect([ledger.entries(), ledger.lastSeq]).toEqual([[], 0]);
    finish();
    expect(await appended).toEqual(ledger.entries());
  });

  it('many messages at once are all written, once each, without gaps', async () => {
    const sandbox = await bench.sandbox({ ledgerFile });
    const references = Array.from({ length: 200 }, (_, n) => `att-${n}`);
    await Promise.all(references.map((reference) => sendWhatsApp(sandbox, { biz_opaque_callback_data: reference })));
    const written = await lines();
    expect(written.map(({ seq }) => seq)).toEqual(references.map((_, n) => n + 1));
    expect(new Set(written.map(({ reference }) => reference))).toEqual(new Set(references));
  });

  it('a restarted sandbox continues its file and cuts a line that a crash left torn', async () => {
    const first = await bench.sandbox({ ledgerFile });
    await sendWhatsApp(first, { biz_opaque_callback_data: 'line\u2028separator' });
    await first.close();
    await appendFile(ledgerFile, '{"seq":2,"at":17');
    const second = await bench.sandbox({ ledgerFile });
    expect(second.ledger.entries()).toHaveLength(1);
    await sendWhatsApp(second);
    expect((await lines()).map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it('is read in pages, and a reader who waits is told at once', async () => {
    const sandbox = await bench.sandbox();
    await sendWhatsApp(sandbox);
    await sendWhatsApp(sandbox);
    const page = await get(`${sandbox.url}/sandbox/ledger?after=1&limit=1`);
    expect(page.json).toMatchObject({ entries: [{ seq: 2 }], last: 2 });
    const waiting = get(`${sandbox.url}/sandbox/ledger?after=2&wait=4000`);
    await sendWhatsApp(sandbox);
    expect((await waiting).json).toMatchObject({ entries: [{ seq: 3 }], last: 3 });
    expect((await get(`${sandbox.url}/sandbox/ledger?after=3&wait=20`)).json).toEqual({ entries: [], last: 3 });
  });

  it('a reader who asks for what memory has forgotten is told so', async () => {
    const sandbox = await bench.sandbox({ keepEntries: 2 });
    for (let n = 0; n < 5; n += 1) await sendWhatsApp(sandbox);
    expect((await get(`${sandbox.url}/sandbox/ledger?after=0`)).status).toBe(410);
    expect((await get(`${sandbox.url}/sandbox/ledger?after=3`)).json).toMatchObject({ entries: [{ seq: 4 }, { seq: 5 }] });
  });

  it('business time stands beside real time, and can be moved', async () => {
    const start = parseInstant('2026-01-01T00:00:00Z') as Instant;
    const sandbox = await bench.sandbox({ clockStart: start, clockRate: 0 });
    await sendWhatsApp(sandbox);
    await post(`${sandbox.url}/sandbox/clock`, { start: '2026-01-01T02:00:00Z', rate: 0 });
    await sendWhatsApp(sandbox);
    expect(sandbox.ledger.entries().map(({ businessAt }) => businessAt)).toEqual([
      '2026-01-01T00:00:00.000Z',
      '2026-01-01T02:00:00.000Z',
    ]);
    expect(Math.abs(Date.now() - (sandbox.ledger.entries()[0]?.at ?? 0))).toBeLessThan(5_000);
  });

  it('what the disk refuses is not in the ledger, and its numbers are used again', async () => {
    const disk = {
      isFull: true,
      write: () => (disk.isFull ? Promise.reject(new Error('ENOSPC')) : Promise.resolve()),
      close: () => Promise.resolve(),
    };
    const ledger = new Ledger(disk, 10, { kept: () => undefined, forgotten: () => undefined });
    await expect(ledger.append([draft], { at: 1 })).rejects.toThrow('ENOSPC');
    expect(ledger.entries()).toEqual([]);
    disk.isFull = false;
    expect(await ledger.append([draft], { at: 2 })).toMatchObject([{ seq: 1, at: 2 }]);
  });

  it('a ledger that is no file is refused at start', async () => {
    await expect(bench.sandbox({ ledgerFile: '/dev/full' })).rejects.toThrow('must be a file');
  });
});

const draft: LedgerDraft = {
  vendor: 'msg91',
  channel: 'sms',
  accepted: true,
  address: '919812345678',
  vendorId: 'a',
  content: { template: 't', variables: {} },
};
