import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Consent files on their way into the ledger, kept sealed and in parts until they are worked off, so that a restart loses nothing. */
export class ConsentImports1764000000121 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table consent_import (
        id          uuid primary key,
        state       text not null,
        bytes       bigint not null default 0,
        bytes_read  bigint not null default 0,
        rows_read   int not null default 0,
        recorded    int not null default 0,
        refused     int not null default 0,
        faults      jsonb not null default '[]',
        received_at timestamptz not null,
        finished_at timestamptz,
        lease_until timestamptz
      )`);
    await runner.query(`create index consent_import_open on consent_import (received_at) where state in ('waiting', 'running')`);
    await runner.query(`
      create table consent_import_part (
        import_id uuid not null references consent_import (id) on delete cascade,
        seq       int not null,
        body      bytea not null,
        primary key (import_id, seq)
      )`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
