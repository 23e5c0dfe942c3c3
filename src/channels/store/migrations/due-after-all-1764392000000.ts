import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * What a failed attempt would cost if it arrived after all, on channels where failures are free: its message is about to be paid for once more.
 * Safe beside the version before, which neither writes nor reads it.
 */
export class DueAfterAll1764392000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table earlier_attempt add column due_milli bigint`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
