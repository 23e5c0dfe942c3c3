import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Everybody counts once in an experiment, and a goal goes to the last message inside whose window it lies: what was counted before is counted again. */
export class CountedOnce1764391700000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      insert into outcome_stale (journey_key, slot)
      select journey_key, slot from entry_rollup union select journey_key, slot from recovery_rollup union select journey_key, slot from message_rollup`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
