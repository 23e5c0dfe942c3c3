import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Whether a run ended before its first step was due: of one whose T had waited for a word, that is not told by when it entered. Null
 * of what was written before, and by the previous version: there it is reckoned from the entry. Safe beside that one.
 */
export class EarlyEnds1764350000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table outcome add column ended_early boolean`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
