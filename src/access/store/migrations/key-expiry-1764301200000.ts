import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** Keys may expire. Beside the version before, which does not look at it, an expired key works until that version has gone. */
export class KeyExpiry1764301200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`alter table api_key add column expires_at timestamptz`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
