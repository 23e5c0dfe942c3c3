import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** The prices of the deployment's own contracts, dated; they win over the listed ones. Empty texts stand for "any". */
export class Rates1764000000162 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table rate (
        channel    text not null,
        provider   text not null,
        category   text not null,
        country    text not null,
        currency   text not null,
        valid_from date not null,
        price      bigint not null check (price >= 0),
        source     text not null,
        primary key (channel, provider, category, country, valid_from)
      )`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
