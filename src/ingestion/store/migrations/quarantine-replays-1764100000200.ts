import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * What became of quarantined bodies when they were read again, and the replays that read many of them. `keys` are keyed hashes of
 * whatever in a body may name a person: an erasure finds the bodies by them without opening any.
 */
export class QuarantineReplays1764100000200 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table quarantine
        add column outcome text check (outcome in ('recorded', 'duplicate', 'ignored')),
        add column replayed_at timestamptz,
        add column event_ids uuid[] not null default '{}',
        add column keys uuid[] not null default '{}'`);
    await runner.query(`create index quarantine_waiting on quarantine (id) where outcome is null`);
    await runner.query(`create index quarantine_by_keys on quarantine using gin (keys)`);
    await runner.query(`
      create table quarantine_replay (
        id           uuid primary key,
        state        text not null check (state in ('waiting', 'running', 'done', 'cancelled')),
        source       text,
        reason       text,
        from_at      timestamptz,
        to_at        timestamptz,
        after_id     uuid not null default '00000000-0000-0000-0000-000000000000',
        through_id   uuid,
        total        int not null,
        done         int not null default 0,
        recorded     int not null default 0,
        duplicate    int not null default 0,
        ignored      int not null default 0,
        unusable     int not null default 0,
        examples     jsonb not null default '[]',
        requested_at timestamptz not null,
        finished_at  timestamptz,
        lease_until  timestamptz
      )`);
    await runner.query(
      `create index quarantine_replay_open on quarantine_replay (requested_at) where state in ('waiting', 'running')`,
    );
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
