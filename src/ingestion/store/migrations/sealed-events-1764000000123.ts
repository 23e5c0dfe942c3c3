import { type MigrationInterface, type QueryRunner } from 'typeorm';

/**
 * Contents of events and raw bodies are sealed from here on. What was stored before stays readable and is sealed by
 * `npm run rotate-keys`. Not safe beside the version before: that one cannot read what this one stores.
 */
export class SealedEvents1764000000123 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table event alter column content drop not null, add column sealed bytea`);
    await runner.query(`alter table quarantine alter column raw_body drop not null, add column sealed bytea`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
