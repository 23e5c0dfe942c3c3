import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Which event names there are, counted in batches; a few hot rows, so they have room to be rewritten where they lie. And what
 * an operator demands of events of a name.
 */
export class EventNames1764000000111 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table event_name (
        name          text primary key,
        count         bigint not null,
        first_seen_at timestamptz not null,
        last_seen_at  timestamptz not null
      ) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02)`);
    await runner.query(`
      create table event_schema (
        name       text primary key,
        mode       text not null check (mode in ('warn', 'enforce')),
        schema     json not null,
        updated_at timestamptz not null,
        violations bigint not null default 0
      ) with (fillfactor = 50)`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
