import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Versions that the person of a run had entered before, of entries that have been let go of. Safe beside the version before, which neither
 * writes nor asks it: whose first entry it lets go of may count once more.
 */
export class EnteredBefore1764392710000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table entered_before (
        run_id  uuid not null,
        version integer not null,
        primary key (run_id, version)
      )`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
