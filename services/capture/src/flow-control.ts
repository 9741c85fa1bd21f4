export interface Flow {
  /** Has the connection wait, or go on. */
  readonly stop: () => void;
  readonly go: () => void;
  /** Reads on in the event that was handed over last. Whether there is still more in it. */
  readonly more: () => boolean;
  /** What `more` has thrown. */
  readonly failed: (error: unknown) => void;
}

/**
 * When the connection waits, for one of two reasons: too much of what was read is not out yet, or an event
 * is so large that it is read in steps, with time between them for what goes out.
 */
export class FlowControl {
  readonly #flow: Flow;
  #isPaused = false;
  #isWithin = false;
  #isOver = false;
  #step: NodeJS.Immediate | undefined;

  constructor(flow: Flow) {
    this.#flow = flow;
  }

  /** There is more in the event that was handed over. */
  within(): void {
    this.#isWithin = true;
    this.#flow.stop();
    this.#stepSoon();
  }

  /** Nothing more is read until `resume`, also of the event at hand. */
  pause(): void {
    this.#isPaused = true;
    this.#flow.stop();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#goOn();
  }

  end(): void {
    this.#isOver = true;
    clearImmediate(this.#step);
  }

  #goOn(): void {
    if (this.#isOver || this.#isPaused) return;
    if (this.#isWithin) this.#stepSoon();
    else this.#flow.go();
  }

  #stepSoon(): void {
    this.#step ??= setImmediate(() => {
      this.#step = undefined;
      if (this.#isOver || this.#isPaused) return;
      try {
        this.#isWithin = this.#flow.more();
      } catch (error) {
        return this.#flow.failed(error);
      }
      this.#goOn();
    });
  }
}
