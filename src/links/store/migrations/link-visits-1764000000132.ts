import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Counts of each link, previews included, and links without a target: those lead to the pay page. A previous version shows
 * them as expired.
 */
export class LinkVisits1764000000132 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table link alter column target drop not null`);
    await runner.query(`
      create table link_count (
        token    text primary key,
        requests bigint not null,
        clicks   bigint not null
      )`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
