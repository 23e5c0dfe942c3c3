import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Client } from 'pg';
import { ask, canMount, serverPid, serversUnder, until, without, Workshop } from './processes';

const workshop = new Workshop();
afterAll(() => workshop.clear());

const inItsPlace = canMount ? it : it.skip;

describe('when Node is killed with -9', () => {
  it('ten times in a row under insert load, every other time with the server, no acknowledged row is lost and it always restarts', async () => {
    const dataDir = workshop.newDirectory();
    const acknowledged: number[] = [];
    for (let round = 0; round < 10; round++) {
      const holder = workshop.hold({ dataDir });
      const { url } = await holder.started();
      if (round === 0) await ask(url, 'create table acknowledged (id int primary key)');
      const before = acknowledged.length;
      const load = insertUntilCut(url, round * 1_000_000, acknowledged);
      await until('some rows are acknowledged', () => acknowledged.length > before + 50);
      const server = serverPid(dataDir);
      await holder.kill();
      if (round % 2 === 1) killIfThere(server);
      await load;
    }
    const server = await workshop.start({ dataDir });
    const rows = new Set(await readIds(server.url));
    await server.stop();
    expect(acknowledged.filter((id) => !rows.has(id))).toEqual([]);
  });

  it('its server stops by itself', async () => {
    const dataDir = await workshop.usedDirectory();
    const holder = workshop.hold({ dataDir });
    await holder.started();
    await holder.kill();
    await until('the server has ended', () => serversUnder(dataDir).length === 0);
    expect(existsSync(join(dataDir, 'pgdata', 'postmaster.pid'))).toBe(false);
  });

  inItsPlace('its server stops by itself where there is no setpriv', async () => {
    const dataDir = await workshop.usedDirectory();
    const holder = workshop.hold({ dataDir, under: without('setpriv', 'flock') });
    await holder.started();
    await holder.kill();
    await until('the server has ended', () => serversUnder(dataDir).length === 0);
  });

  inItsPlace('a server that nothing stopped is stopped by the next start', async () => {
    const dataDir = workshop.newDirectory();
    const holder = workshop.hold({ dataDir, under: without('setpriv', 'flock') });
    await ask((await holder.started()).url, 'create table kept as select 42 as answer');
    const leftover = serverPid(dataDir);
    killIfThere(watchdogOf(leftover));
    await holder.kill();
    expect(serversUnder(dataDir).map(({ pid }) => pid)).toContain(leftover);
    const server = await workshop.start({ dataDir });
    expect(serverPid(dataDir)).not.toBe(leftover);
    expect(await ask(server.url, 'select answer from kept')).toBe(42);
    await server.stop();
  });

  it('in the middle of its very first start, the next one starts from nothing', async () => {
    const dataDir = workshop.newDirectory();
    const holder = workshop.hold({ dataDir });
    await until('initdb is at work', () =>
      unfinished(dataDir).some((name) => existsSync(join(dataDir, name, 'pgdata', 'PG_VERSION'))),
    );
    await holder.kill();
    expect(existsSync(join(dataDir, 'pgdata'))).toBe(false);
    const server = await workshop.start({ dataDir });
    expect(await ask(server.url, 'select 1')).toBe(1);
    expect(unfinished(dataDir)).toEqual([]);
    await server.stop();
  });
});

/** Inserts over four sessions, one row per commit, and writes down what was acknowledged; ends when the server is gone. */
async function insertUntilCut(url: string, from: number, acknowledged: number[]): Promise<void> {
  let next = from;
  const session = async (): Promise<void> => {
    const client = new Client(url);
    client.on('error', () => undefined);
    try {
      await client.connect();
      for (;;) {
        const id = next++;
        await client.query('insert into acknowledged values ($1)', [id]);
        acknowledged.push(id);
      }
    } catch {
      // The cut. Whether this last row was stored is anybody's guess: it was not acknowledged.
      await client.end().catch(() => undefined);
    }
  };
  await Promise.all([session(), session(), session(), session()]);
}

async function readIds(url: string): Promise<number[]> {
  return (await ask(url, 'select array_agg(id) from acknowledged')) as number[];
}

function unfinished(dataDir: string): string[] {
  return existsSync(dataDir) ? readdirSync(dataDir).filter((name) => name.startsWith('.initialising-')) : [];
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It was faster.
  }
}

function watchdogOf(server: number): number {
  const { stdout } = workshop.read('ps', ['-axww', '-o', 'pid=,args=']);
  const line = stdout.split('\n').find((candidate) => candidate.includes(`kill -INT ${server}`)) ?? '';
  return Number(line.trim().split(' ')[0]);
}

describe('two processes on one directory', () => {
  it('the second is told so, and the first does not notice', async () => {
    const dataDir = await workshop.usedDirectory();
    const first = workshop.hold({ dataDir });
    const { url } = await first.started();
    const second = workshop.hold({ dataDir });
    const { code, message } = await second.refused();
    expect(code).toBe('already_running');
    expect(message).toContain(dataDir);
    expect(await ask(url, 'select 1')).toBe(1);
  });

  it('three first starts at once give one running database and two refusals', async () => {
    const dataDir = workshop.newDirectory();
    const holders = [1, 2, 3].map(() => workshop.hold({ dataDir }));
    const answers = await Promise.all(holders.map(({ answer }) => answer));
    const outcomes = answers.map((answer) => ('code' in answer ? answer.code : 'started'));
    expect(outcomes.sort()).toEqual(['already_running', 'already_running', 'started']);
    const winner = answers.find((answer) => 'url' in answer);
    expect(await ask(winner?.url ?? '', 'select 1')).toBe(1);
  });
});

describe('a pid file that was left behind', () => {
  const lives: Array<[string, () => Promise<{ pid: number; end: () => void }>]> = [
    ['names a process that is gone', async () => ({ pid: 4_194_000, end: () => undefined })],
    ['names another program that got the number since', async () => ({ pid: process.ppid, end: () => undefined })],
    ['names this very process', async () => ({ pid: process.pid, end: () => undefined })],
    ['names a zombie', zombie],
    ['is empty', async () => ({ pid: NaN, end: () => undefined })],
  ];

  it.each(lives)('and %s does not keep the database from starting', async (_title, life) => {
    const dataDir = await workshop.usedDirectory();
    const { pid, end } = await life();
    const text = Number.isNaN(pid) ? '' : `${pid}\n${join(dataDir, 'pgdata')}\n1700000000\n5432\n/tmp\n\n 1 1\nready   \n`;
    writeFileSync(join(dataDir, 'pgdata', 'postmaster.pid'), text, { mode: 0o600 });
    const server = await workshop.start({ dataDir });
    expect(await ask(server.url, 'select 1')).toBe(1);
    await server.stop();
    end();
  });
});

// A process that has ended and whose parent does not ask how: the shell became a sleep, which never asks.
async function zombie(): Promise<{ pid: number; end: () => void }> {
  const parent = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const pid = await new Promise<number>((resolve) => parent.stdout.once('data', (text) => resolve(Number(String(text)))));
  const end = (): void => void parent.kill('SIGKILL');
  await until('it is a zombie', () => workshop.read('ps', ['-o', 'stat=', '-p', String(pid)]).stdout.startsWith('Z')).catch(
    (error: unknown) => {
      end();
      throw error;
    },
  );
  return { pid, end };
}

it('a directory with nothing in it but what an interrupted first start left is used', async () => {
  const dataDir = workshop.newDirectory();
  mkdirSync(join(dataDir, '.initialising-000000000000', 'pgdata'), { recursive: true });
  const server = await workshop.start({ dataDir });
  expect(readdirSync(dataDir)).toEqual(['pgdata']);
  await server.stop();
});
