import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * How journeys come into force and leave it: drafts, how far each published version is let out, pauses, and who did what.
 * A version without a release row was published before there were any: it is let out to everybody. Runs get a memory for
 * what is rarely needed. Safe beside the previous version.
 */
export class JourneyLifecycle1764000000150 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table journey_draft (
        key        text primary key,
        definition jsonb not null,
        faults     jsonb not null,
        updated_at timestamptz not null,
        updated_by text not null
      )`);
    await runner.query(`
      create table journey_release (
        key        text not null,
        version    int not null,
        mode       text not null,
        share      numeric(5, 2) not null,
        changed_at timestamptz not null,
        primary key (key, version)
      )`);
    await runner.query(`
      create table journey_standing (
        key        text primary key,
        standing   text not null,
        changed_at timestamptz not null
      )`);
    await runner.query(`
      create table journey_audit (
        id      bigint generated always as identity primary key,
        key     text not null,
        version int,
        act     text not null,
        actor   text not null,
        detail  jsonb not null,
        at      timestamptz not null
      )`);
    await runner.query(`create index journey_audit_by_key on journey_audit (key, id)`);
    await runner.query(`alter table run add column memory jsonb not null default '{}'`);
    await runner.query(`create index run_without_timer on run (id) where ended_at is null and due_at is null`);
    await runner.query(`create index run_parked on run (journey_key) where memory ? 'parked'`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
