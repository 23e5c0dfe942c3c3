/** What has been set up, and undoes it backwards, once. */
export class Teardown {
  private readonly steps: (() => Promise<void> | void)[] = [];
  private done: Promise<void> | undefined;

  /** Refuses when the teardown has begun: nothing may be started that nobody would stop. */
  add(step: () => Promise<void> | void): void {
    if (this.done) {
      void step();
      throw new Error('The demo is being stopped.');
    }
    this.steps.push(step);
  }

  run(): Promise<void> {
    return (this.done ??= this.undo());
  }

  private async undo(): Promise<void> {
    const problems: unknown[] = [];
    for (const step of this.steps.reverse()) {
      try {
        await step();
      } catch (error) {
        problems.push(error); // The steps before it still have to be undone.
      }
    }
    if (problems.length > 0) throw new AggregateError(problems, 'Something of the demo could not be stopped.');
  }
}
