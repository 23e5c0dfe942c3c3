import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Journeys, their immutable versions, runs, and everything that was decided. Due work is `run.due_at` under a partial
 * index: timers are rows, and nothing but this table needs to survive (D1).
 */
export class Journeys1764000000013 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table journey_version (
        key          text not null,
        version      int not null,
        definition   jsonb not null,
        content_hash text not null,
        published_at timestamptz not null,
        primary key (key, version)
      )`);
    await runner.query(`
      create table run (
        id             uuid primary key,
        journey_key    text not null,
        version        int not null,
        person_id      uuid not null,
        trigger_id     uuid not null,
        correlation    uuid not null,
        arm            text not null,
        test           boolean not null,
        lap            int not null,
        started_at     timestamptz not null,
        expires_at     timestamptz not null,
        next_step      smallint not null,
        due_at         timestamptz,
        signals        jsonb not null,
        facts          jsonb not null,
        stops          jsonb not null,
        ended_at       timestamptz,
        end_reason     text,
        end_event_id   uuid
      ) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05)`);
    await runner.query(`create unique index run_one_live on run (journey_key, correlation) where ended_at is null`);
    await runner.query(`create index run_by_matter on run (correlation, journey_key, ended_at)`);
    await runner.query(`create index run_due on run (due_at) where due_at is not null`);
    await runner.query(`create index run_of_person on run (person_id, started_at)`);
    await runner.query(`
      create table run_key (
        key       uuid not null,
        run_id    uuid not null,
        absorbing boolean not null
      )`);
    await runner.query(`create index run_key_by_key on run_key (key)`);
    await runner.query(`
      create table decision (
        run_id uuid not null,
        at     timestamptz not null,
        kind   text not null,
        step   text,
        reason text,
        detail jsonb
      )`);
    await runner.query(`create index decision_of_run on decision (run_id)`);
    await runner.query(`
      create table refusal (
        event_id    uuid not null,
        journey_key text not null,
        version     int not null,
        person_id   uuid,
        reason      text not null,
        at          timestamptz not null,
        primary key (event_id, journey_key)
      )`);
    await runner.query(`create index refusal_of_person on refusal (person_id, at)`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
