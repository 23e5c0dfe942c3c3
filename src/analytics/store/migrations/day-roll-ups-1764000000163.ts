import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * The roll-ups once more by whole days in India, where most reports begin and end theirs: twenty times fewer rows. They are
 * summed up from the quarters of an hour, in the same pass. Safe beside the previous version, which neither reads nor
 * writes them: what it rolls up meanwhile is listed as stale once more below.
 */
export class DayRollUps1764000000163 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create table entry_daily (like entry_rollup)`);
    await runner.query(
      `alter table entry_daily add column first_slot timestamptz not null, add column last_slot timestamptz not null`,
    );
    await runner.query(`create table recovery_daily (like recovery_rollup)`);
    await runner.query(`create table message_daily (like message_rollup)`);
    for (const table of ['entry_daily', 'recovery_daily', 'message_daily'])
      await runner.query(`create index ${table}_cell on ${table} (journey_key, slot)`);
    await runner.query(
      `insert into outcome_stale (journey_key, slot) select distinct journey_key, slot from entry_rollup order by slot`,
    );
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
