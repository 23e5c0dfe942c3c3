import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { link, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemCode } from './errors';

interface SeenProcess {
  readonly pid: number;
  readonly command: string;
}

/**
 * Processes of a server on this cluster. They are known by the cluster's name, which every one of them shows in its command
 * line: a number in a file may by now be anybody's, and a zombie shows nothing.
 */
export async function serverProcesses(clusterName: string): Promise<readonly number[]> {
  const seen = process.platform === 'linux' ? linuxProcesses() : await psProcesses();
  return seen.filter(({ command }) => belongsTo(clusterName, command)).map(({ pid }) => pid);
}

// The first process shows how it was started, the others a title. A client may show the name too, as part of an address.
function belongsTo(clusterName: string, command: string): boolean {
  return command.startsWith(`postgres: ${clusterName}:`) || new RegExp(`cluster_name=${clusterName}(\\0|\\s|$)`).test(command);
}

function linuxProcesses(): SeenProcess[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((name) => ({ pid: Number(name), command: readProc(name, 'cmdline') ?? '' }));
}

async function psProcesses(): Promise<SeenProcess[]> {
  const { stdout } = await promisify(execFile)('/bin/ps', ['-axww', '-o', 'pid=,stat=,command=']);
  return stdout
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line))
    .filter((found) => found !== null && !found[2]?.startsWith('Z'))
    .map((found) => ({ pid: Number(found?.[1]), command: found?.[3] ?? '' }));
}

function readProc(pid: number | string, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // It ended between the listing and the look.
    return undefined;
  }
}

/** What a running server wrote about itself. */
export interface PidFile {
  readonly pid: number;
  readonly port: number;
  readonly socketDirectory: string;
  /** It was told to stop. */
  readonly isStopping: boolean;
}

const PID_FILE = 'postmaster.pid';

export async function readPidFile(cluster: string): Promise<PidFile | undefined> {
  const text = await readFile(join(cluster, PID_FILE), 'utf8').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? undefined : parsePidFile(text);
}

function parsePidFile(text: string): PidFile {
  const lines = text.split('\n');
  return {
    pid: Math.abs(Number(lines[0])),
    port: Number(lines[3]),
    socketDirectory: lines[4] ?? '',
    isStopping: lines[7]?.trim() === 'stopping',
  };
}

/**
 * Removes the pid file of a server that is gone, where Postgres itself would not dare to: it takes a zombie or any other
 * process with that number for a running server, and then refuses to start for ever.
 *
 * By a rename, because another starter may have replaced the file since we read it; then it is put back.
 */
export async function removeStalePidFile(cluster: string): Promise<'removed' | 'nothing_to_remove' | 'in_use'> {
  const file = join(cluster, PID_FILE);
  const before = await readFile(file, 'utf8').catch(() => undefined);
  if (before === undefined) return 'nothing_to_remove';
  const { pid } = parsePidFile(before);
  if (await mayBePostgresOn(cluster, pid)) return 'in_use';
  const aside = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 'nothing_to_remove';
    throw error;
  }
  const taken = await readFile(aside, 'utf8');
  if (taken !== before) await link(aside, file);
  await rm(aside, { force: true });
  return taken === before ? 'removed' : 'in_use';
}

async function mayBePostgresOn(cluster: string, pid: number): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  return process.platform === 'linux' ? linuxMayBePostgresOn(cluster, pid) : psSaysPostgres(pid);
}

function linuxMayBePostgresOn(cluster: string, pid: number): boolean {
  const status = readProc(pid, 'stat');
  // "pid (name) state ...": the name may contain anything, so the state is what follows the last bracket.
  const found = status === undefined ? null : /^\d+ \((.*)\) (\S)/s.exec(status);
  if (found === null || found[1] !== 'postgres' || found[2] === 'Z' || found[2] === 'X') return false;
  try {
    const theirs = statSync(`/proc/${pid}/cwd`);
    const ours = statSync(cluster);
    return theirs.dev === ours.dev && theirs.ino === ours.ino;
  } catch {
    // A Postgres we may not look into: let Postgres's own, more cautious check have the last word.
    return true;
  }
}

async function psSaysPostgres(pid: number): Promise<boolean> {
  try {
    const { stdout } = await promisify(execFile)('/bin/ps', ['-o', 'stat=,comm=', '-p', String(pid)]);
    return !stdout.trim().startsWith('Z') && /postgres\s*$/.test(stdout);
  } catch {
    // ps ends with 1 when there is no such process.
    return false;
  }
}
