/** Bus event `event.recorded`: an event has been committed. */
export interface EventRecorded {
  readonly id: string;
  readonly name: string;
}
