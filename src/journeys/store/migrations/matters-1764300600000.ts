import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * One index says what runs a matter had and that only one of them is live: of live runs all stand at the same place, of those that
 * are over each at its own. Two said it before, and every step of every run wrote an entry at a random place of both. Safe beside
 * the previous version, whose look-ups stand on the new one as well. Builds it while runs wait: seconds for a million.
 */
export class Matters1764300600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create unique index run_of_matter on run
        (correlation, journey_key, (case when ended_at is null then '00000000-0000-0000-0000-000000000000' else id end))`);
    await runner.query(`drop index run_one_live, run_by_matter`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
