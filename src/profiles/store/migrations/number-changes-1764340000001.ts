import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Who moved to another number on a channel: keyed hashes and times, only added to. News come in any order, and twice. */
export class NumberChanges1764340000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table number_change (
        channel   text not null,
        source_id text not null,
        seq       bigint generated always as identity,
        from_key  uuid not null,
        to_key    uuid not null,
        at        timestamptz not null,
        heard_at  timestamptz not null,
        primary key (channel, source_id)
      )`);
    await runner.query(`create index number_change_from on number_change (from_key)`);
    await runner.query(`create index number_change_to on number_change (to_key)`);
    await runner.query(`create index number_change_heard on number_change (heard_at)`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
