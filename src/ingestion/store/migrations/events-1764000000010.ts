import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Events as received, and the marks they leave: one for every key an event carries, with its name and time. A send asks
 * the marks, never the events, whether the customer has paid.
 */
export class Events1764000000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table event (
        id              uuid primary key,
        source          text not null,
        source_event_id text,
        content_hash    bytea not null,
        raw_hash        bytea,
        name            text not null,
        occurred_at     timestamptz not null,
        received_at     timestamptz not null,
        test            boolean not null,
        content         json not null
      )`);
    await runner.query(
      `create unique index event_once_by_id on event (source, source_event_id) where source_event_id is not null`,
    );
    await runner.query(`create unique index event_once_by_body on event (source, raw_hash) where raw_hash is not null`);
    await runner.query(`
      create table event_mark (
        key         uuid not null,
        event_name  text not null,
        occurred_at timestamptz not null,
        event_id    uuid not null
      )`);
    await runner.query(`create index event_mark_by_key on event_mark (key, event_name, occurred_at)`);
    await runner.query(`
      create table quarantine (
        id          uuid primary key,
        source      text not null,
        received_at timestamptz not null,
        reason      text not null,
        raw_hash    bytea not null,
        headers     jsonb not null,
        raw_body    bytea not null,
        unique (source, raw_hash)
      )`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
