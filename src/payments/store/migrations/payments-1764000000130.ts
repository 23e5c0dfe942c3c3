import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** What gateways said when they were asked: the latest of each order. */
export class Payments1764000000130 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table payment_word (
        key      uuid primary key,
        gateway  text not null,
        state    text not null,
        asked_at timestamptz not null
      )`);
    await runner.query(`create index payment_word_age on payment_word (asked_at)`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
