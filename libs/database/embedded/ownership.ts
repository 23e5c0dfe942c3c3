import { Client } from 'pg';
import { SUPERUSER } from './cluster';

/** Whoever holds this lock in the database `postgres` owns the server. Sessions end with their process; pids get reused. */
const OWNER_LOCK = "x'7761706173'::bigint";

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** To the database `postgres`, so that the owner's session never stands in the way of CREATE DATABASE ... TEMPLATE wapas. */
export async function connect(address: Address, applicationName: string): Promise<Client> {
  const client = new Client({
    host: address.host,
    port: address.port,
    user: SUPERUSER,
    database: 'postgres',
    password: '',
    application_name: applicationName,
    connectionTimeoutMillis: 5_000,
    ssl: false,
  });
  // Without a listener the loss of an idle connection would end the whole process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}

export async function tryToOwn(client: Client): Promise<boolean> {
  return isTrue(await client.query(`select pg_try_advisory_lock(${OWNER_LOCK}) as answer`));
}

/** Looks without taking, so that a look never takes the server away from an owner that is just starting it. */
export async function hasOwner(client: Client): Promise<boolean> {
  return isTrue(
    await client.query(
      `select exists (select from pg_locks where locktype = 'advisory' and granted and objsubid = 1 and database =
         (select oid from pg_database where datname = current_database())
         and classid::bigint << 32 | objid::bigint = ${OWNER_LOCK}) as answer`,
    ),
  );
}

function isTrue({ rows }: { rows: unknown[] }): boolean {
  return (rows[0] as { answer: boolean } | undefined)?.answer === true;
}
