import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Replays: what was asked, how far it is, what came out. A row is the job: whoever holds its lease (real time) works on it,
 * and a lease that is not renewed lets another container go on. `place` is where an audit goes on. Lines are what it lists,
 * in order. Holds ids, steps and times, nothing of a person. Safe beside the previous version.
 */
export class Replays1764100000802 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table replay (
        id          uuid primary key,
        kind        text not null,
        journey_key text not null,
        version     int,
        definition  jsonb,
        options     jsonb not null,
        from_at     timestamptz not null,
        to_at       timestamptz not null,
        state       text not null,
        total       bigint,
        done        bigint not null default 0,
        place       jsonb,
        result      jsonb,
        problem     text,
        starts      int not null default 0,
        lines       int not null default 0,
        lease_until timestamptz,
        created_by  text not null,
        created_at  timestamptz not null,
        ended_at    timestamptz
      )`);
    await runner.query(`create index replay_open on replay (created_at) where state in ('waiting', 'running')`);
    await runner.query(`create index replay_latest on replay (created_at desc, id)`);
    await runner.query(`
      create table replay_line (
        replay_id uuid not null,
        seq       int not null,
        line      jsonb not null,
        primary key (replay_id, seq)
      )`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
