import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Environment } from './child';
import { type Teardown } from './teardown';

export interface Keys {
  /** Scopes `ingest` and `read`: for the sources. */
  readonly source: string;
  /** Scope `app`, publishable: for the app on the handset. */
  readonly app: string;
  /** Scope `read`: for whoever tries the API afterwards. */
  readonly read: string;
}

const KEY_COMMAND = join(__dirname, '..', '..', 'src', 'access', 'create-key.command.js');

/** By the command with which every installation gets its first key; it also makes the database. */
export async function makeAdminKey(env: Environment, teardown: Teardown): Promise<string> {
  const stopped = new AbortController();
  teardown.add(() => stopped.abort());
  try {
    const command = [KEY_COMMAND, '--scopes', 'admin', '--name', 'demo'];
    const { stdout } = await promisify(execFile)(process.execPath, command, { env, signal: stopped.signal });
    return stdout.trim();
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim() ?? '';
    throw new Error(`The first API key could not be made.\n${said}`.trim(), { cause: error });
  }
}

/** The other keys by the API: each of the story's parts has only what it needs. */
export async function makeKeys(app: string, adminKey: string): Promise<Keys> {
  const make = async (name: string, scopes: string[]): Promise<string> => {
    const response = await fetch(`${app}/v1/keys`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${adminKey}` },
      body: JSON.stringify({ name, scopes }),
    });
    if (!response.ok) throw new Error(`POST /v1/keys was answered ${response.status}: ${await response.text()}`);
    return ((await response.json()) as { key: string }).key;
  };
  const [source, handset, read] = await Promise.all([
    make('demo: sources', ['ingest', 'read']),
    make('demo: app on the handset', ['app']),
    make('demo: for trying', ['read']),
  ]);
  return { source, app: handset, read };
}
