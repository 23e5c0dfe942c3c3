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

describe('when the server dies and we do not', () => {
  it('it is started again at the same address, as often as it dies, and no acknowledged row is lost', async () => {
    const dataDir = await workshop.usedDirectory();
    const lines: string[] = [];
    const server = await workshop.start({ dataDir, startAgain: true, log: (line) => lines.push(line) });
    const ended: string[] = [];
    server.onExit((why) => ended.push(why));
    await ask(server.url, 'create table kept (id int)');
    for (const round of [1, 2, 3]) {
      await ask(server.url, `insert into kept values (${round})`);
      const before = serverPid(dataDir);
      killIfThere(before);
      await until('it is ours again', () => lines.filter((line) => line.endsWith('was started again.')).length === round);
      expect(serverPid(dataDir)).not.toBe(before);
      expect(await ask(server.url, 'select count(*)::int from kept')).toBe(round);
    }
    expect(ended).toHaveLength(3);
    await server.stop();
    expect(serversUnder(dataDir)).toEqual([]);
  });

  it('nothing is started again while it is being stopped', async () => {
    const dataDir = await workshop.usedDirectory();
    const server = await workshop.start({ dataDir, startAgain: true });
    killIfThere(serverPid(dataDir));
    await server.stop();
    await until('none is left', () => serversUnder(dataDir).length === 0);
  });

  it('without being asked to start it again, its end is told once', async () => {
    const dataDir = await workshop.usedDirectory();
    const server = await workshop.start({ dataDir });
    const ended: string[] = [];
    server.onExit((why) => ended.push(why));
    killIfThere(serverPid(dataDir));
    await until('it is told', () => ended.length === 1);
    await server.stop();
    expect(ended).toHaveLength(1);
  });
});

describe('when a session of the server crashes', () => {
  it('and its owner is not let in any more, the end of the server is told', async () => {
    const dataDir = await workshop.usedDirectory();
    const server = await workshop.start({ dataDir });
    const ended: string[] = [];
    server.onExit((why) => ended.push(why));
    await ask(server.url, `update pg_database set datallowconn = false where datname = 'postgres'`);
    await (
      await sessionToCrash(server.url)
    )();
    await until('it is told', () => ended.length === 1);
    await server.stop();
  });

  it('and others take every place before its owner is back, the server lives on and is owned again', async () => {
    const dataDir = await workshop.usedDirectory();
    const said: string[] = [];
    const few = { max_connections: 3, superuser_reserved_connections: 0, reserved_connections: 0, autovacuum: 'off' };
    const server = await workshop.start({ dataDir, settings: few, log: (line) => said.push(line) });
    const ended: string[] = [];
    server.onExit((why) => ended.push(why));
    const crash = await sessionToCrash(server.url);
    const greedy = [1, 2, 3].map(() => holdAPlace(server.url));
    await crash();
    await until('the owner is turned away', () => said.some((line) => /too many clients already/.test(line)));
    for (const one of greedy) await one.leave();
    await until('it is owned', async () => (await ask(server.url, OWNED).catch(() => false)) === true);
    expect(ended).toEqual([]);
    await server.stop();
  });
});

const OWNED = `select exists (select from pg_locks l join pg_stat_activity a on a.pid = l.pid where l.locktype = 'advisory' and l.granted and a.application_name = 'wapas owner')`;

/** Opens a session that can be ended as a segmentation fault would: the server restarts all of them. */
async function sessionToCrash(url: string): Promise<() => Promise<void>> {
  const client = new Client(url);
  client.on('error', () => undefined);
  await client.connect();
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return async () => {
    killIfThere(rows[0]?.pid ?? 0);
    await client.end().catch(() => undefined);
  };
}

/** A session that comes back at once whenever it is lost. */
function holdAPlace(url: string): { leave(): Promise<void> } {
  let hasLeft = false;
  let client: Client | undefined;
  const hold = async (): Promise<void> => {
    while (!hasLeft) {
      client = new Client(url);
      client.on('error', () => undefined);
      const lost = new Promise<void>((resolve) => client?.once('end', () => resolve()));
      const isIn = client.connect().then(
        () => lost,
        () => client?.end().catch(() => undefined),
      );
      // Who leaves while it is being let in hears neither yes nor no.
      await Promise.race([isIn, lost]);
    }
  };
  const held = hold();
  return {
    leave: async () => {
      hasLeft = true;
      await client?.end().catch(() => undefined);
      await held;
    },
  };
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
