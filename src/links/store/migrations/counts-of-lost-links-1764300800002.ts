import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Counts of links that have been let go of: from now on they go with their link. Safe beside the version before, which leaves more of them. */
export class CountsOfLostLinks1764300800002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`delete from link_count c where not exists (select from link l where l.token = c.token)`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
