import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** When a language and a time zone were said: events say them as well, and the latest word holds. Absent: when the row was last changed. */
export class TraitTimes1764370300000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table person_trait add column language_at timestamptz, add column time_zone_at timestamptz`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
