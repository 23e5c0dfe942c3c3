import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Events that follow from silence. A wait is one row for each key that somebody was active on: a reason to look at the marks
 * of that key at `due_at`. Activity does not touch it (the marks are the truth), so it is written once and read once.
 */
export class DerivedEvents1764000000110 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table derived_definition (
        id             integer generated always as identity primary key,
        key            text not null,
        version        integer not null,
        event          text not null,
        activity_names text[] not null,
        ending_names   text[] not null,
        idle           interval not null,
        definition     jsonb not null,
        content_hash   text not null,
        published_at   timestamptz not null,
        retired_at     timestamptz,
        changed        bigint not null,
        unique (key, version)
      )`);
    await runner.query(`
      create table derived_wait (
        key           uuid not null,
        definition_id integer not null,
        due_at        timestamptz not null,
        primary key (key, definition_id)
      ) with (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02)`);
    await runner.query(`create index derived_wait_due on derived_wait (due_at)`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
