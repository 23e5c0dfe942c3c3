import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** How many SMS a message takes, where its text is known, and in which language its text was chosen. Safe beside the previous version. */
export class MessageParts1764100000401 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table message add column parts smallint, add column locale text`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
