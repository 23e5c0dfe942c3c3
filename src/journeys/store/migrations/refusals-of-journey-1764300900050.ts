import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** "Why does this journey start nothing?" is asked of a journey too: a trigger about nobody is in nobody's timeline. Safe beside the previous version. */
export class RefusalsOfJourney1764300900050 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`create index refusal_of_journey on refusal (journey_key, at)`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
