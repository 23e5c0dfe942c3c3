import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Keys found by their run: letting go of a thousand runs read the keys of all there are. Ids of runs grow with time, so a new key goes to
 * the end of the index.
 *
 * On a table that has grown for years it takes minutes, in which no run starts.
 */
export class KeysOfRuns1764390500000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create index run_key_of_run on run_key (run_id)`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
